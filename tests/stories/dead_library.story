# Marketing has published twenty pieces on Monday the 5th of January. Sixteen of them are used on each working day.
# Sales has price lists of its own, which it uses twice a day.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set dead_library.baseline = "56d"
set dead_library.detect = "21d"
set dead_library.min_n = 50
set dead_library.alerts_per_month = 0.5
set dead_library.clear = 1
set dead_library.unused = "7d"
each 2026-01-05 2026-01-06 x20 10:00 content_published asset_id=piece-{n} author_team=marketing
each 2026-01-05 2026-03-30 x16 11:00 deal_content_used deal_id={} asset_id=piece-{n} author_team=marketing
each 2026-01-05 2026-04-22 x1 13:00 deal_content_used deal_id=early-{} asset_id=prices author_team=sales
each 2026-01-05 2026-04-22 x1 15:00 deal_content_used deal_id=late-{} asset_id=prices author_team=sales
# beat dead_library learning: there are not yet eight weeks before the watched three
read 2026-03-27 10:00
stands dead_library learning=1
alerts
# beat dead_library quiet: four of twenty that nobody wants for a week are usual here
read 2026-03-31 10:00
stands dead_library kept=1
alerts
# beat dead_library fires: in the week of the 30th of March no more than eight are used
each 2026-03-30 2026-04-04 x8 11:00 deal_content_used deal_id={} asset_id=piece-{n} author_team=marketing
read 2026-04-07 10:00
stands dead_library broken=1
alerts
  2026-04-07 09:00 firing ticket dead_library all
summaries
  Since 6 Apr a piece of marketing's content went 7 days without being used 12 times of 20: 60.0 % (usual: 20.0 %).
# beat dead_library clears: the week after it is sixteen again
each 2026-04-06 2026-04-11 x16 11:00 deal_content_used deal_id={} asset_id=piece-{n} author_team=marketing
read 2026-04-14 10:00
alerts
  2026-04-14 09:00 resolved ticket dead_library all
summaries
  Resolved: lately a piece of marketing's content went 7 days without being used 20.0 % of the times (usual: 20.0 %); since 6 Apr it was 40.0 %.
# beat dead_library fires: the next week it is eight
each 2026-04-13 2026-04-18 x8 11:00 deal_content_used deal_id={} asset_id=piece-{n} author_team=marketing
read 2026-04-21 10:00
alerts
  2026-04-21 09:00 firing ticket dead_library all
# beat dead_library late: the uses of Friday arrive a few days late, of all sixteen
each 2026-04-17 2026-04-18 x16 15:00 deal_content_used deal_id=told-late-{} asset_id=piece-{n} author_team=marketing
read 2026-04-22 10:00
alerts
  2026-04-22 09:00 resolved ticket dead_library all
summaries
  Since 20 Apr a piece of marketing's content went 7 days without being used 12 times of 20: 60.0 % (usual: 20.0 %).
  Resolved: lately a piece of marketing's content went 7 days without being used 20.0 % of the times (usual: 20.0 %); since 14 Apr it was 20.0 %.
# beat dead_library holds: from Wednesday the 22nd on no use of any content arrives, which is no news of the library
each 2026-04-20 2026-04-22 x16 11:00 deal_content_used deal_id={} asset_id=piece-{n} author_team=marketing
read 2026-05-06 10:00
stands dead_library holding=1
alerts
  2026-04-24 14:00 firing ticket no_data all · crm content
