# Closed journeys are freed after ten days, so a count from before would be of the open ones alone: what is counted anew
# begins ten days before the switch, for both. An open journey is known as long as ever, and what it does counts.
set retention_days = 10
set open_retention_days = 60
2026-03-02 09:00 lead_stage_entered lead_id=closed stage=mql
2026-03-02 10:00 lead_dispositioned lead_id=closed verdict=rejected reason=budget
2026-03-02 09:00 lead_stage_entered lead_id=open stage=mql
2026-03-14 23:59 lead_stage_entered lead_id=before stage=mql
2026-03-15 00:01 lead_stage_entered lead_id=after stage=mql
2026-03-20 09:15 lead_stage_entered lead_id=new stage=mql
expect 2026-03-25 00:00 all entered_mql open_
  entered_mql 2026-03-02 09:00 2
  entered_mql 2026-03-14 23:59 1
  entered_mql 2026-03-15 00:01 1
  entered_mql 2026-03-20 09:15 1
  open_mql 2026-03-02 09:00 1
  open_mql 2026-03-14 23:59 1
  open_mql 2026-03-15 00:01 1
  open_mql 2026-03-20 09:15 1
define retention_days = 30
expect 2026-03-25 00:01 all entered_mql open_
  entered_mql 2026-03-15 00:00 1
  entered_mql 2026-03-20 09:00 1
  open_mql 2026-03-15 00:00 1
  open_mql 2026-03-20 09:00 1
2026-03-25 09:00 lead_stage_entered lead_id=open stage=sal
expect 2026-03-25 09:01 all entered_sal entered_lead open_sal
  entered_lead 2026-03-15 00:00 1
  entered_lead 2026-03-20 09:00 1
  entered_sal 2026-03-25 09:00 1
  open_sal 2026-03-25 09:00 1
# A shorter retention cuts by itself, and frees what it no longer keeps: another word of the lead of the 20th finds
# nobody there.
define retention_days = 3; open_retention_days = 4
expect 2026-03-25 10:00 all entered_ open_
  entered_sal 2026-03-25 09:00 1
  open_sal 2026-03-25 09:00 1
2026-03-25 11:00 lead_stage_entered lead_id=new stage=sal
expect 2026-03-25 12:00 all entered_mql implied_mql
  entered_mql 2026-03-25 11:00 1
  implied_mql 2026-03-25 11:00 1
# A longer one brings nothing back.
define retention_days = 100; open_retention_days = 100
expect 2026-03-25 13:00 all entered_
  entered_lead 2026-03-25 11:00 1
  entered_mql 2026-03-25 11:00 1
  entered_sal 2026-03-25 09:00 1
  entered_sal 2026-03-25 11:00 1
