// The list keeps itself up to date; the sample form posts like a page's own script would.
// Everything shown is put in as text, never as markup.
"use strict";

const body = document.querySelector("#leads tbody");
let last = "";

function cell(row, text, small) {
  const made = row.insertCell();
  made.textContent = text;
  if (small) {
    const line = document.createElement("small");
    line.textContent = small;
    made.append(line);
  }
  return made;
}

function crm(orders) {
  return orders.map((o) => `${o.kind} ${o.ref ? o.ref : o.state}`).join(", ");
}

function show(found) {
  body.replaceChildren();
  for (const lead of found.leads) {
    const row = body.insertRow();
    row.dataset.lead = lead.id;
    cell(row, lead.received);
    const who = cell(row, "");
    const link = document.createElement("a");
    link.href = `/leads/${encodeURIComponent(lead.id)}`;
    link.textContent = lead.who;
    who.append(link, ` ${lead.company}`);
    cell(row, lead.source, lead.interactions > 1 ? `${lead.interactions} enquiries` : "");
    cell(row, lead.owner);
    const task = cell(row, lead.task);
    cell(row, lead.due || "nothing open");
    cell(row, lead.state);
    cell(row, crm(lead.orders));
    if (lead.task_open && lead.orders.some((o) => o.kind === "task" && o.ref)) task.append(" ", doneButton(lead.id));
  }
  document.querySelector("#none").hidden = found.leads.length > 0;
  document.querySelector("#notice").textContent = found.paused.map((p) => `${p.sink} is paused: ${p.reason}`).join("; ");
}

function doneButton(lead) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Done";
  button.addEventListener("click", async () => {
    button.disabled = true;
    const reply = await fetch(`/api/leads/${encodeURIComponent(lead)}/done`, { method: "POST" });
    if (!reply.ok) button.textContent = "not possible here";
  });
  return button;
}

async function refresh() {
  try {
    const text = await (await fetch("/api/leads")).text();
    if (text !== last) show(JSON.parse((last = text)));
  } catch {
    document.querySelector("#notice").textContent = "syncd does not answer; trying again";
    last = "";
  }
}

const form = document.querySelector("#sample");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = document.querySelector("#told");
  const reply = await fetch(form.action, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(new FormData(form)),
  });
  told.textContent = reply.ok ? "Thank you, we have it." : `Not taken: ${await reply.text()}`;
  if (reply.ok) form.reset();
  refresh();
});

refresh();
setInterval(() => document.hidden || refresh(), 500);
