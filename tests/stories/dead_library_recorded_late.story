# Marketing publishes ten pieces on each working day since November; what is used is recorded from February on. The weeks
# before say nothing of the library.
set first_touch_slo = off
set divergence = off
set dimensions = none
set dead_library.detect = "21d"
set dead_library.min_n = 50
set dead_library.alerts_per_month = 0.5
set dead_library.clear = 1
set dead_library.unused = "7d"
set dead_library.baseline_share = 0.2
each 2025-11-03 2026-02-17 x10 10:00 content_published asset_id=piece-{} author_team=marketing
each 2025-11-03 2026-02-17 x1 10:00 lead_created lead_id={} source=ads
read 2026-02-02 10:00
stands dead_library learning=1
alerts
each 2026-02-02 2026-02-17 x8 11:00 deal_content_used deal_id=new-{} asset_id=piece-{} author_team=marketing
each 2026-02-02 2026-02-17 x8 11:00 deal_content_used deal_id=known-{} asset_id=piece-{-7} author_team=marketing
read 2026-02-17 10:00
stands dead_library kept=1
alerts
