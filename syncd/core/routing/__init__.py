"""Who gets a lead: conditions, rules, pools. Imports nothing: the playbook imports from here."""
