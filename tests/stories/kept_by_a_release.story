# A lead that was merged into another one is kept as long as something of it is recent: here a deal that it was to
# give back. When the deal comes to it again that is undone, so that nothing of it is recent but the merge, which
# is too old: it is freed at the next boundary, and what comes of it then is news of a stranger.
set retention_days = 4
set open_retention_days = 7
2026-03-02 09:00 lead_stage_entered lead_id=keeper stage=mql
2026-03-02 10:00 lead_merged lead_id=double into=keeper
read 2026-03-05 08:00
2026-03-05 09:00 deal_opened deal_id=D1
2026-03-05 10:00 deal_linked deal_id=D1 lead_id=double
read 2026-03-08 09:00
2026-03-08 10:00 deal_linked deal_id=D1 lead_id=other
read 2026-03-10 09:00
2026-03-10 10:00 deal_linked deal_id=D1 lead_id=double
read 2026-03-11 08:00
2026-03-11 09:00 lead_stage_entered lead_id=double stage=mql
expect 2026-03-11 12:00 all entered_mql
  entered_mql 2026-03-02 09:00 1
  entered_mql 2026-03-11 09:00 1
