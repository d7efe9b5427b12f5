# A deal belongs to the lead that the latest link names, and takes its history along.
set partitions = 4
2026-03-02 09:00 lead_created lead_id=first source=webinar
2026-03-02 09:00 lead_created lead_id=second source=ads
2026-03-02 10:00 deal_opened deal_id=D1
2026-03-02 11:00 deal_stage_entered deal_id=D1 stage=proposal status=open
# Without a lead it counts as a deal only.
expect 2026-03-02 11:30 all entered_opportunity deals_
  deals_opened 2026-03-02 10:00 1
expect 2026-03-02 11:30 source=(empty) entered_opportunity deals_
  deals_opened 2026-03-02 10:00 1
2026-03-02 12:00 deal_linked deal_id=D1 lead_id=first
expect 2026-03-02 12:01 source=(empty)
expect 2026-03-02 12:01 source=webinar entered_opportunity deals_
  entered_opportunity 2026-03-02 10:00 1
  deals_opened 2026-03-02 10:00 1
2026-03-02 13:00 deal_stage_entered deal_id=D1 stage=done status=won amount_minor=500000 currency=EUR
expect 2026-03-02 13:30 source=webinar entered_customer deals_ won_
  entered_customer 2026-03-02 13:00 1
  deals_opened 2026-03-02 10:00 1
  deals_won 2026-03-02 13:00 1
  won_amount_minor[EUR] 2026-03-02 13:00 500000
# Somebody finds out that it was the other lead's.
2026-03-02 14:00 deal_linked deal_id=D1 lead_id=second
expect 2026-03-02 14:01 source=webinar entered_customer deals_ won_
expect 2026-03-02 14:01 source=ads entered_customer deals_ won_
  entered_customer 2026-03-02 13:00 1
  deals_opened 2026-03-02 10:00 1
  deals_won 2026-03-02 13:00 1
  won_amount_minor[EUR] 2026-03-02 13:00 500000
# An older link that is told late changes nothing.
2026-03-02 11:45 deal_linked deal_id=D1 lead_id=first
expect 2026-03-02 15:00 source=webinar entered_customer deals_ won_
expect 2026-03-02 15:00 source=ads entered_customer
  entered_customer 2026-03-02 13:00 1
