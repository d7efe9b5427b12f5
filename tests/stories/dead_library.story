# Twenty pieces of marketing's content, published in the first week of January. Four of five are used in each week until the
# end of March, then none is. That is told; it is over when they are used again. Then nothing arrives, and it holds.
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
each 2026-01-05 2026-01-12 x5 10:00 content_published asset_id={} author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-05-1 asset_id=01-05/1 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-05-2 asset_id=01-05/2 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-05-3 asset_id=01-05/3 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-05-4 asset_id=01-05/4 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-06-1 asset_id=01-06/1 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-06-2 asset_id=01-06/2 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-06-3 asset_id=01-06/3 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-06-4 asset_id=01-06/4 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-07-1 asset_id=01-07/1 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-07-2 asset_id=01-07/2 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-07-3 asset_id=01-07/3 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-07-4 asset_id=01-07/4 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-08-1 asset_id=01-08/1 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-08-2 asset_id=01-08/2 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-08-3 asset_id=01-08/3 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-08-4 asset_id=01-08/4 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-09-1 asset_id=01-09/1 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-09-2 asset_id=01-09/2 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-09-3 asset_id=01-09/3 author_team=marketing
each 2026-01-06 2026-03-30 x1 11:00 deal_content_used deal_id={}01-09-4 asset_id=01-09/4 author_team=marketing
read 2026-03-11 10:00
stands dead_library learning=1
read 2026-03-30 10:00
stands dead_library kept=1
alerts
each 2026-03-30 2026-04-20 x1 11:00 deal_content_used deal_id=D{} asset_id=another author_team=marketing
read 2026-04-20 10:00
alerts
  2026-04-07 09:00 firing ticket dead_library all
each 2026-04-20 2026-05-09 x1 11:00 deal_content_used deal_id=D{} asset_id=another author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-05-1 asset_id=01-05/1 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-05-2 asset_id=01-05/2 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-05-3 asset_id=01-05/3 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-05-4 asset_id=01-05/4 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-06-1 asset_id=01-06/1 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-06-2 asset_id=01-06/2 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-06-3 asset_id=01-06/3 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-06-4 asset_id=01-06/4 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-07-1 asset_id=01-07/1 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-07-2 asset_id=01-07/2 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-07-3 asset_id=01-07/3 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-07-4 asset_id=01-07/4 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-08-1 asset_id=01-08/1 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-08-2 asset_id=01-08/2 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-08-3 asset_id=01-08/3 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-08-4 asset_id=01-08/4 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-09-1 asset_id=01-09/1 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-09-2 asset_id=01-09/2 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-09-3 asset_id=01-09/3 author_team=marketing
each 2026-04-13 2026-05-02 x1 11:00 deal_content_used deal_id={}01-09-4 asset_id=01-09/4 author_team=marketing
read 2026-05-08 10:00
alerts
  2026-04-21 09:00 resolved ticket dead_library all
summaries
  19 times of 75 a piece of marketing's content went 7 days without being used: 25.3 % (usual: 20.0 %).
  Resolved: lately marketing's content is used as it used to be; of the watched periods of 7 days 39.2 % passed without a use.
