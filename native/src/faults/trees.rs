//! Targets and, where asked, all that stems from them.
use crate::chaos::order::Order;
use crate::contract::process::ProcessMark;
use crate::machine::process;

/// The targets themselves, then their descendants, parents before children. Never one of ours, never pid 1.
pub fn processes(order: &Order, tree: bool) -> Vec<ProcessMark> {
    let mut ours: Vec<u32> = order
        .ours
        .iter()
        .filter_map(|mark| u32::try_from(mark.pid.get()).ok())
        .collect();
    ours.push(std::process::id());
    ours.extend(rustix::process::getppid().and_then(|pid| u32::try_from(pid.as_raw_pid()).ok()));
    let mut found: Vec<ProcessMark> = order
        .targets
        .iter()
        .map(|target| target.process.clone())
        .collect();
    if tree {
        for target in &order.targets {
            let Some(root) = process::find(&target.process) else {
                continue;
            };
            for one in process::descendants(root.pid, &ours) {
                if let Some(mark) = one.mark().filter(|mark| !found.contains(mark)) {
                    found.push(mark);
                }
            }
        }
    }
    let protected = |mark: &ProcessMark| {
        u32::try_from(mark.pid.get()).map_or(true, |pid| pid <= 1 || ours.contains(&pid))
    };
    found.retain(|mark| !protected(mark));
    found
}
