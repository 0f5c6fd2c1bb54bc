// The list keeps itself up to date; the sample form posts like a page's own script would.
// Everything shown is put in as text, never as markup.
"use strict";

const PAUSE = 500;
const find = (selector) => document.querySelector(selector);
let last = "";

function made(tag, text, name) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}

function cell(row, text, small) {
  const added = row.insertCell();
  added.textContent = text;
  if (small) added.append(made("small", small));
  return added;
}

function show(found) {
  find("#leads tbody").replaceChildren(...found.leads.map(leadRow));
  find("#list").hidden = found.leads.length === 0;
  find("#none").hidden = found.leads.length > 0;
  find("#aside tbody").replaceChildren(...found.aside.map(asideRow));
  find("#aside").hidden = found.aside.length === 0;
  find("#notice").textContent = notices(found).join(" ");
}

function notices(found) {
  const told = found.paused.map((p) => `${p.sink} is paused, leads wait for it: ${p.reason}.`);
  told.push(...found.silent.map((s) => `${s.source} is silent: ${s.reason}.`));
  if (found.announced) told.push(`Being fetched from their providers: ${found.announced}.`);
  if (found.parked) told.push(`Waiting for a person: ${found.parked}. The command “syncd parked” lists them.`);
  return told;
}

function leadRow(lead) {
  const row = document.createElement("tr");
  row.dataset.lead = lead.id;
  const who = row.insertCell();
  const link = made("a", lead.who);
  link.href = `/leads/${encodeURIComponent(lead.id)}`;
  who.append(link, made("small", lead.company || lead.email), made("small", lead.received));
  const more = lead.interactions > 1 ? `, ${lead.interactions} enquiries` : "";
  cell(row, lead.source, `by ${lead.form}${more}`);
  cell(row, lead.owner || "nobody");
  const task = cell(row, lead.task);
  if (lead.can_finish) task.append(doneButton(lead.id));
  dueCell(row, lead);
  const state = row.insertCell();
  state.append(made("span", lead.state, `state ${lead.state}`), made("small", lead.state_means));
  row.insertCell().append(...crm(lead.orders));
  return row;
}

function dueCell(row, lead) {
  const late = lead.due_at && new Date(lead.due_at) < new Date();
  const due = cell(row, lead.due || "nothing open");
  if (late) due.append(made("small", "overdue", "late"));
}

// For each sink what was made there: contact, task, note.
function crm(orders) {
  const sinks = [...new Set(orders.map((o) => o.sink))];
  return sinks.map((sink) => {
    const line = document.createElement("div");
    const chips = orders.filter((o) => o.sink === sink).flatMap((o) => [chip(o), " "]);
    line.append(...chips, made("small", `in ${sink}`));
    return line;
  });
}

function chip(order) {
  const there = order.state === "done";
  const text = there ? `✓ ${order.what}` : `${order.what}: ${order.state_means}`;
  const element = made(order.url ? "a" : "span", text, `chip ${order.state}`);
  if (order.url) Object.assign(element, { href: order.url, rel: "noreferrer" });
  element.title = order.reason || (order.ref ? `${order.what} ${order.ref} in ${order.sink}` : order.state_means);
  return element;
}

function doneButton(lead) {
  const button = made("button", "Done");
  button.type = "button";
  button.title = "You have answered: mark the task done";
  button.addEventListener("click", async () => {
    button.disabled = true;
    const reply = await fetch(`/api/leads/${encodeURIComponent(lead)}/done`, { method: "POST" });
    if (!reply.ok) button.replaceWith(made("small", (await reply.json()).reason || "not possible", "late"));
  });
  return button;
}

function asideRow(arrival) {
  const row = document.createElement("tr");
  for (const text of [arrival.id, arrival.received, arrival.form, arrival.state, arrival.reason]) cell(row, text);
  return row;
}

async function refresh() {
  try {
    const reply = await fetch("/api/leads");
    if (reply.status === 401) return location.reload();
    if (!reply.ok) throw new Error(reply.statusText);
    const text = await reply.text();
    if (text !== last) show(JSON.parse((last = text)));
  } catch {
    find("#notice").textContent = "syncd does not answer; trying again.";
    last = "";
  }
}

async function keepUp() {
  if (!document.hidden) await refresh();
  setTimeout(keepUp, PAUSE);
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const told = find("#told");
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const reply = await fetch(form.action, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
    told.textContent = reply.ok ? "Thank you, we have it. It lands in the list below." : `Not taken: ${await reply.text()}`;
    if (reply.ok) form.reset();
  } catch {
    told.textContent = "Not sent: syncd does not answer.";
  }
  button.disabled = false;
  refresh();
}

find("#sample")?.addEventListener("submit", send);
keepUp();
