"""What is done by which call of a CRM: patterns of paths, or of method and path."""

CONTACTS, TASKS, NOTES, COMPANIES = (
    f"/crm/objects/2026-03/{kind}" for kind in ("contacts", "tasks", "notes", "companies")
)

AGENCY = {
    "find": "GET /v1/leads",
    "upsert": "POST /v1/leads",
    "tasks": "POST /v1/leads/*/tasks",
    "notes": "POST /v1/leads/*/notes",
}
CLOSE = {
    "find": "/api/v1/data/search/",
    "upsert": "POST /api/v1/lead/",
    "tasks": "POST /api/v1/task/",
    "notes": "POST /api/v1/activity/note/",
    "owners": "/api/v1/user/",
    "changes": "/api/v1/event/",
}
COPPER = {
    "find": "*/leads/search",
    "upsert": "*/leads/upsert",
    "tasks": "*/tasks",
    "notes": "*/activities",
    "owners": "*/users/search",
    "changes": "*/people/search",
}
DYNAMICS = {
    "find": "*/$batch/GET/leads",
    "upsert": "*/$batch/PATCH/leads",
    "tasks": "*/$batch/POST/tasks",
    "notes": "*/$batch/POST/annotations",
    "owners": "*/$batch/GET/systemusers",
    "changes": "*/$batch/GET/leads",
}
HUBSPOT = {
    "find": f"{CONTACTS}/batch/read",
    "upsert": f"{CONTACTS}/batch/upsert",
    "tasks": f"{TASKS}/batch/create",
    "notes": f"{NOTES}/batch/create",
    "companies": f"{COMPANIES}/batch/create",
    "owners": "/crm/owners/2026-03*",
    "changes": f"{CONTACTS}/search",
}
ODOO = {
    "find": "/json/2/crm.lead/search_read",
    "upsert": "/json/2/crm.lead/create",
    "tasks": "/json/2/mail.activity/create",
    "notes": "/json/2/crm.lead/message_post",
    "owners": "/json/2/res.users/search_read",
    "changes": "/json/2/crm.stage/search_read",
}
PIPEDRIVE = {
    "find": "/api/v2/persons/search",
    "upsert": "POST /api/v2/persons",
    "tasks": "POST /api/v2/activities",
    "notes": "POST /v1/notes",
    "owners": "/v1/users",
    "changes": "GET /api/v2/deals",
}
SALESFORCE = {
    "find": "*/composite",  # all questions go there
    "upsert": "*/composite/sobjects/Lead/Syncd_Key__c",
    "tasks": "*/composite/sobjects/Task/Syncd_Mark__c",
    "notes": "*/composite/sobjects/Task/Syncd_Mark__c",
    "owners": "*/composite",
    "changes": "*/composite",
}
STREAK = {
    "find": "/api/v1/search",
    "upsert": "/api/v2/pipelines/*/boxes",
    "tasks": "/api/v2/boxes/*/tasks",
    "notes": "/api/v2/boxes/*/comments",
    "owners": "/api/v2/teams/*",
    "changes": "/api/v1/pipelines/*/boxes",
}
SUGARCRM = {
    "find": "*/bulk/reads",
    "upsert": "*/bulk/writes",  # all of them go there
    "tasks": "*/bulk/writes",
    "notes": "*/bulk/writes",
    "owners": "*/Users/filter",
    "changes": "*/Leads/filter",
}
SUITECRM = {
    "find": "/Api/V8/module/Leads",
    "upsert": "/Api/V8/module",
    "tasks": "/Api/V8/module",
    "notes": "/Api/V8/module",
    "owners": "/Api/V8/module/Users",
    "changes": "/Api/V8/module/Leads",
}
SUITECRM_V4_1 = {
    "find": "*/get_entry_list",
    "upsert": "*/set_entry",
    "tasks": "*/set_entry",
    "notes": "*/set_entry",
    "owners": "*/get_entry_list",
    "changes": "*/get_entry_list",
}
ZOHO = {
    "find": "/crm/v8/__composite_requests",
    "upsert": "/crm/v8/Leads/upsert",
    "tasks": "/crm/v8/Tasks",
    "notes": "/crm/v8/Notes",
    "owners": "/crm/v8/users",
    "changes": "/crm/v8/coql",
}
