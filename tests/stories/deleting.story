# What is deleted should never have counted: all of it is taken back.
2026-03-02 09:00 lead_created lead_id=test-entry source=webinar
2026-03-02 09:30 lead_stage_entered lead_id=test-entry stage=mql
2026-03-02 10:00 deal_opened deal_id=D1 lead_id=test-entry
expect 2026-03-02 10:01 all entered_ deals_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:30 1
  entered_sal 2026-03-02 10:00 1
  entered_sql 2026-03-02 10:00 1
  entered_opportunity 2026-03-02 10:00 1
  deals_opened 2026-03-02 10:00 1
# Its deal stays a deal, without a lead.
2026-03-02 11:00 lead_deleted lead_id=test-entry
expect 2026-03-02 11:01 all entered_ deals_
  deals_opened 2026-03-02 10:00 1
# A creation after the deletion brings the lead back, with what was known of it.
2026-03-02 12:00 lead_created lead_id=test-entry source=webinar
expect 2026-03-02 12:01 all entered_lead entered_mql
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:30 1
2026-03-02 13:00 deal_deleted deal_id=D1 lead_id=test-entry
expect 2026-03-02 13:01 all entered_ deals_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:30 1
