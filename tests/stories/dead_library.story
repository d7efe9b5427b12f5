# Marketing publishes ten pieces on each working day. Eight of them are used on the day itself, and eight a week later; after
# two weeks nobody wants them, and nobody holds that against them. Sales has price lists of its own, which it uses twice
# a day.
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
each 2026-01-05 2026-05-08 x10 10:00 content_published asset_id=piece-{} author_team=marketing
each 2026-01-05 2026-04-13 x8 11:00 deal_content_used deal_id=new-{} asset_id=piece-{} author_team=marketing
each 2026-01-12 2026-04-13 x8 11:00 deal_content_used deal_id=known-{} asset_id=piece-{-7} author_team=marketing
each 2026-01-05 2026-05-08 x1 13:00 deal_content_used deal_id=early-{} asset_id=prices author_team=sales
each 2026-01-05 2026-05-08 x1 15:00 deal_content_used deal_id=late-{} asset_id=prices author_team=sales
# beat dead_library learning: pieces of the 6th of January have had both their weeks on the 20th; there are not yet eight
# weeks from then to the watched three
read 2026-04-06 10:00
stands dead_library learning=1
alerts
# beat dead_library quiet: two of ten that nobody wants for a week are usual here
read 2026-04-07 10:00
stands dead_library kept=1
alerts
# beat dead_library fires: on Monday the 13th no more than four of ten are used, new ones and known ones
each 2026-04-13 2026-04-14 x4 11:00 deal_content_used deal_id=new-{} asset_id=piece-{} author_team=marketing
each 2026-04-13 2026-04-14 x4 11:00 deal_content_used deal_id=known-{} asset_id=piece-{-7} author_team=marketing
each 2026-04-14 2026-04-23 x8 11:00 deal_content_used deal_id=new-{} asset_id=piece-{} author_team=marketing
each 2026-04-14 2026-04-23 x8 11:00 deal_content_used deal_id=known-{} asset_id=piece-{-7} author_team=marketing
each 2026-04-23 2026-04-24 x4 11:00 deal_content_used deal_id=new-{} asset_id=piece-{} author_team=marketing
each 2026-04-23 2026-04-24 x4 11:00 deal_content_used deal_id=known-{} asset_id=piece-{-7} author_team=marketing
each 2026-04-24 2026-05-08 x8 11:00 deal_content_used deal_id=new-{} asset_id=piece-{} author_team=marketing
each 2026-04-24 2026-05-08 x8 11:00 deal_content_used deal_id=known-{} asset_id=piece-{-7} author_team=marketing
read 2026-04-21 10:00
stands dead_library broken=1
alerts
  2026-04-21 09:00 firing ticket dead_library all
summaries
  Since 20 Apr a piece of marketing's content went 7 days without being used 12 times of 20: 60.0 % (usual: 20.0 %). Unused: piece-04-13/9, piece-04-13/8, piece-04-13/7 and 9 more.
# The sum names five.
figure unused: piece-04-13/9
  1
figure unused: piece-04-13/5
  1
figure unused: piece-04-13/10
figure unused: others
  7
# beat dead_library clears: from Tuesday on it was eight of ten again, for so many days that it is no chance
read 2026-04-30 10:00
alerts
  2026-04-24 09:00 resolved ticket dead_library all
summaries
  Resolved: lately a piece of marketing's content went 7 days without being used 20.0 % of the times (usual: 20.0 %); since 20 Apr it was 30.0 %.
# beat dead_library fires: on Thursday the 23rd it was four
read 2026-05-01 10:00
alerts
  2026-05-01 09:00 firing ticket dead_library all
# beat dead_library late: the uses of that Thursday arrive a few days late, of all eight
each 2026-04-23 2026-04-24 x8 15:00 deal_content_used deal_id=told-late-new-{} asset_id=piece-{} author_team=marketing
each 2026-04-23 2026-04-24 x8 15:00 deal_content_used deal_id=told-late-{} asset_id=piece-{-7} author_team=marketing
read 2026-05-04 10:00
alerts
  2026-05-04 09:00 resolved ticket dead_library all
summaries
  Since 30 Apr a piece of marketing's content went 7 days without being used 12 times of 20: 60.0 % (usual: 20.0 %). Unused: piece-04-23/9, piece-04-23/8, piece-04-23/7 and 9 more.
  Resolved: lately a piece of marketing's content went 7 days without being used 20.0 % of the times (usual: 20.0 %); since 24 Apr it was 20.0 %.
# beat dead_library holds: from Friday the 8th on no use of any content arrives, which is no news of the library
read 2026-05-20 10:00
stands dead_library holding=1
alerts
  2026-05-11 13:00 firing ticket no_data all · crm content
