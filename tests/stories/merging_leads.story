# Two records of one person are merged: one journey is left, with the facts of both.
set partitions = 4
2026-03-02 09:00 lead_created lead_id=keeper source=webinar
2026-03-02 09:10 lead_created lead_id=double source=ads
2026-03-02 09:30 lead_stage_entered lead_id=double stage=mql
2026-03-02 11:00 lead_stage_entered lead_id=keeper stage=sal
expect 2026-03-02 11:59 all entered_
  entered_lead 2026-03-02 09:00 1
  entered_lead 2026-03-02 09:10 1
  entered_mql 2026-03-02 09:30 1
  entered_mql 2026-03-02 11:00 1
  entered_sal 2026-03-02 11:00 1
2026-03-02 12:00 lead_merged lead_id=double into=keeper
expect 2026-03-02 12:01 all entered_ implied_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:30 1
  entered_sal 2026-03-02 11:00 1
expect 2026-03-02 12:01 source=ads
expect 2026-03-02 12:01 source=webinar entered_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:30 1
  entered_sal 2026-03-02 11:00 1
# The CRM deletes the double after the merge, and says one more thing of it: nothing is lost.
2026-03-02 12:05 lead_deleted lead_id=double
2026-03-02 12:10 lead_stage_entered lead_id=double stage=sql
expect 2026-03-02 13:00 source=webinar entered_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:30 1
  entered_sal 2026-03-02 11:00 1
  entered_sql 2026-03-02 12:10 1
expect 2026-03-02 13:00 source=ads
