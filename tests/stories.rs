//! Every file in `tests/stories/` is a story; see `support/story.rs` for how one is told.

use crate::support::story;

macro_rules! stories {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                let file = concat!("tests/stories/", stringify!($name), ".story");
                let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
                story::play(file, &std::fs::read_to_string(path).expect("the story is there"));
            }
        )+

        #[test]
        fn every_story_is_played() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stories");
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .expect("the stories are there")
                .map(|entry| entry.expect("a folder can be read").file_name().to_string_lossy().into_owned())
                .collect();
            files.sort();
            let mut played = vec![$(concat!(stringify!($name), ".story")),+];
            played.sort_unstable();
            assert_eq!(files, played);
        }
    };
}

stories! {
    reaching_stages,
    recycling,
    merging_leads,
    linking_deals,
    deleting,
    erasing,
    erased_from_an_alert,
    erased_with_the_merged,
    retention,
    kept_by_a_release,
    first_touch,
    first_touch_alert,
    never_assigned,
    gate_of_a_window,
    feed_by_night,
    feed_once_a_day,
    first_touch_promise,
    overnight,
    first_touch_awaited,
    first_touch_surge,
    first_touch_backlog,
    first_touch_after_holidays,
    first_touch_coped,
    first_touch_seldom,
    touches_stop,
    touches_stop_unseen,
    sales_stops,
    quiet_while_all_fires,
    louder_within,
    told_with_the_whole,
    told_in_the_wider,
    told_in_a_part,
    carried_anew,
    gives_way,
    gives_way_untold,
    gives_way_to_nothing,
    held_up_in_a_part,
    nothing_seen,
    nothing_rare_enough,
    divergence_alert,
    divergence_learned,
    divergence_set,
    divergence_set_rest,
    divergence_apart,
    divergence_days,
    divergence_holidays,
    quiet_weekend,
    conversions,
    month_windows,
    other_dimensions,
    rules_that_change,
    erased_before_a_switch,
    cut_at_a_switch,
    flood_cut_off,
    at_one_moment,
    silent_leads,
    reasonless_rejections,
    weeks_scatter,
    stage_ageing,
    stage_ageing_set,
    absent_after_handoff,
    sales_authored_share,
    dead_library,
    dead_library_recorded_late,
    library_grows_old,
    deals_grow_old,
    deals_at_a_switch,
    mix_changes,
    amounts_not_recorded,
    period_turns,
    no_revenue_target,
    no_revenue_target_unheard,
    launch_without_notice,
    launch_before_holidays,
    unanswered_rejections,
    young_log,
    revenue_pace,
    revenue_pace_by_month,
    revenue_pace_young_log,
    revenue_pace_none_won,
    no_data,
    score,
    named,
    named_deals,
    silent_over_a_switch,
}
