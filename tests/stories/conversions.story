# Conversion from MQL to SQL within four days, seen on 31 March: cohorts of the 32 days (28 + 4) since 28 February.
# An age is a whole day since the lead's own entry; the converted at ages 0 to 3 count.
#
#   cohort     leads  ages of the converted  complete ages on 31 March (today - day - 1, at most 4)
#   28 Feb         1  3                      4
#   10 March       6  0, 1, 2, 4             4
#   26 March       2  3                      4
#   27 March       2  1                      3
#   28 March       2  2                      2
#   29 March       2  0                      1
#   30 March       1  0                      0
#   31 March       1  0                      0
#
# naive: of all 17, converted within four days 1 + 3 + 1 + 1 + 1 + 1 + 1 + 1 = 10.
# matured: of the 9 up to 26 March, 1 + 3 + 1 = 5; the other 8 are young.
# Wilson, z = 1.959964: (k + z^2/2 -+ z sqrt(k (n - k) / n + z^2/4)) / (n + z^2).
# Kaplan-Meier: at each age the cohorts for which it is complete; who converted before is no longer at risk.
#
#   age  at risk                     converted
#     0  1 + 6 + 2 + 2 + 2 + 2 = 15  2 (10 March, 29 March)
#     1  1 + 5 + 2 + 2 + 2     = 12  2 (10 March, 27 March)
#     2  1 + 4 + 2 + 1         =  8  1 (10 March; that of 28 March is not complete)
#     3  1 + 3 + 2             =  6  2 (28 February, 26 March)
#
# S = 13/15 * 10/12 * 7/8 * 4/6 = 91/216 = 0.421296, conversion 0.578704; 15 leads, 2 too young for any age.
# Greenwood: G = 2/(15*13) + 2/(12*10) + 1/(8*7) + 2/(6*4) = 0.128114; H = -ln S = 0.864419;
# f = exp(z sqrt(G) / H) = 2.251421; the interval is 1 - S^(1/f) to 1 - S^f.
set horizon_days = 4
# A day too old for the window.
2026-02-27 10:00 lead_stage_entered lead_id=02-27-a stage=mql
2026-02-27 11:00 lead_stage_entered lead_id=02-27-a stage=sql
# Its first day.
2026-02-28 10:00 lead_stage_entered lead_id=02-28-a stage=mql
2026-03-03 11:00 lead_stage_entered lead_id=02-28-a stage=sql
# Six from a fair; one takes too long.
2026-03-10 10:00 lead_created lead_id=03-10-a source=fair
2026-03-10 10:00 lead_stage_entered lead_id=03-10-a stage=mql
2026-03-10 11:00 lead_stage_entered lead_id=03-10-a stage=sql
2026-03-10 10:00 lead_created lead_id=03-10-b source=fair
2026-03-10 10:00 lead_stage_entered lead_id=03-10-b stage=mql
2026-03-11 11:00 lead_stage_entered lead_id=03-10-b stage=sql
2026-03-10 10:00 lead_created lead_id=03-10-c source=fair
2026-03-10 10:00 lead_stage_entered lead_id=03-10-c stage=mql
2026-03-12 11:00 lead_stage_entered lead_id=03-10-c stage=sql
2026-03-10 10:00 lead_created lead_id=03-10-d source=fair
2026-03-10 10:00 lead_stage_entered lead_id=03-10-d stage=mql
2026-03-14 11:00 lead_stage_entered lead_id=03-10-d stage=sql
2026-03-10 10:00 lead_created lead_id=03-10-e source=fair
2026-03-10 10:00 lead_stage_entered lead_id=03-10-e stage=mql
2026-03-10 10:00 lead_created lead_id=03-10-f source=fair
2026-03-10 10:00 lead_stage_entered lead_id=03-10-f stage=mql
# The last day whose leads all are four days old.
2026-03-26 10:00 lead_stage_entered lead_id=03-26-a stage=mql
2026-03-29 11:00 lead_stage_entered lead_id=03-26-a stage=sql
2026-03-26 10:00 lead_stage_entered lead_id=03-26-b stage=mql
2026-03-27 10:00 lead_stage_entered lead_id=03-27-a stage=mql
2026-03-28 11:00 lead_stage_entered lead_id=03-27-a stage=sql
2026-03-27 10:00 lead_stage_entered lead_id=03-27-b stage=mql
# Converted, but others of that day may still do so at that age.
2026-03-28 10:00 lead_stage_entered lead_id=03-28-a stage=mql
2026-03-30 11:00 lead_stage_entered lead_id=03-28-a stage=sql
2026-03-28 10:00 lead_stage_entered lead_id=03-28-b stage=mql
2026-03-29 10:00 lead_stage_entered lead_id=03-29-a stage=mql
2026-03-29 11:00 lead_stage_entered lead_id=03-29-a stage=sql
2026-03-29 10:00 lead_stage_entered lead_id=03-29-b stage=mql
# Not one age is complete.
2026-03-30 10:00 lead_stage_entered lead_id=03-30-a stage=mql
2026-03-30 11:00 lead_stage_entered lead_id=03-30-a stage=sql
2026-03-31 09:30 lead_stage_entered lead_id=03-31-a stage=mql
2026-03-31 11:00 lead_stage_entered lead_id=03-31-a stage=sql
windows 2026-03-31 12:00 all mql_to_sql_
  mql_to_sql_naive 32d 0.588235 [0.360054, 0.783889] n=17
  mql_to_sql_matured 32d 0.555556 [0.266651, 0.811221] n=9 young=8
  mql_to_sql_kaplan_meier 32d 0.578704 [0.31883, 0.85718] n=15 young=2
# The fair's six are all old enough: 6, 5, 4 and 3 at risk, and the product of 5/6, 4/5 and 3/4 is the plain
# share. G = 1/30 + 1/20 + 1/12 = 1/6.
windows 2026-03-31 12:00 source=fair mql_to_sql_
  mql_to_sql_naive 32d 0.5 [0.187616, 0.812384] n=6
  mql_to_sql_matured 32d 0.5 [0.187616, 0.812384] n=6
  mql_to_sql_kaplan_meier 32d 0.5 [0.196291, 0.889052] n=6
