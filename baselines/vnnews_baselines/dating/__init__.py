"""Inside `dates_rules`: time expressions, their values and periods, calendars, triggers, and the dates of events."""
