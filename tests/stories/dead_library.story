# Fifty pieces of marketing's content, published in the first days of January, used every week. Then nobody does.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set dead_library.baseline = "56d"
set dead_library.detect = "21d"
set dead_library.min_n = 50
set dead_library.alerts_per_month = 0.5
set dead_library.clear = 2
set dead_library.unused = "7d"
each 2026-01-05 2026-01-12 x4 10:00 content_published asset_id=M{} author_team=marketing
read 2026-01-12 10:00
stands dead_library learning=1
