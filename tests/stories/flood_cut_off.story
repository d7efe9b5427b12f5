# An alert outlives what was counted: a shorter retention cuts the flood off, and the alert reads that there is nothing
# any more. Without the cut Monday's flood would stand in the last five business days until Tuesday.
set divergence.baseline = 1 a day, 0.5 convert
set divergence.horizon_days = 1
set divergence.detect_days = 10
set divergence.clear_days = 5
each 2026-03-02 2026-03-03 x20 09:00 lead_stage_entered lead_id={} stage=mql
read 2026-03-05 09:00
alerts
  2026-03-04 09:00 firing ticket divergence all
define retention_days = 1
read 2026-03-06 08:59
alerts
read 2026-03-06 09:00
alerts
  2026-03-06 09:00 resolved ticket divergence all
