# Of the ten pieces that marketing publishes on each working day nine are used in their first four weeks, five in the next
# four, one in the four after these, and none after that. Nothing ever changes: while the library is young its pieces are,
# and they grow old, which is no fault of anybody.
set first_touch_slo = off
set divergence = off
set dimensions = none
set dead_library.baseline = "56d"
set dead_library.detect = "21d"
set dead_library.min_n = 50
set dead_library.alerts_per_month = 0.5
set dead_library.clear = 1
set dead_library.unused = "28d"
each 2026-01-05 2026-07-31 x10 10:00 content_published asset_id=piece-{} author_team=marketing
each 2026-01-05 2026-07-31 x9 11:00 deal_content_used deal_id=first-{} asset_id=piece-{} author_team=marketing
each 2026-02-02 2026-07-31 x5 11:00 deal_content_used deal_id=second-{} asset_id=piece-{-28} author_team=marketing
each 2026-03-02 2026-07-31 x1 11:00 deal_content_used deal_id=third-{} asset_id=piece-{-56} author_team=marketing
# Pieces of the 6th of January have had both their times on the 3rd of March: eight weeks and three later it is known what is
# usual.
read 2026-05-18 10:00
stands dead_library learning=1
read 2026-05-19 10:00
stands dead_library kept=1
read 2026-07-31 10:00
stands dead_library kept=1
alerts
