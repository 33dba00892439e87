//! What stems from whom, in one look at the machine.
use std::collections::HashMap;

use super::Process;

/// Every process of one look, with its children.
pub struct Forest {
    processes: HashMap<i32, Process>,
    children: HashMap<i32, Vec<i32>>,
}

impl Forest {
    #[must_use]
    pub fn new(processes: Vec<Process>) -> Self {
        let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
        for one in &processes {
            children.entry(one.parent).or_default().push(one.pid);
        }
        Forest {
            processes: processes.into_iter().map(|one| (one.pid, one)).collect(),
            children,
        }
    }

    pub fn get(&self, pid: i32) -> Option<&Process> {
        self.processes.get(&pid)
    }

    /// The process and all that stem from it, parents before children, zombies too; empty when it is not there.
    pub fn tree(&self, root: i32) -> Vec<&Process> {
        let mut found: Vec<&Process> = self.get(root).into_iter().collect();
        let mut next = 0;
        while let Some(parent) = found.get(next).map(|one| one.pid) {
            next += 1;
            for child in self.children.get(&parent).into_iter().flatten() {
                // A table that was read while parents changed may hold a circle.
                if found.iter().all(|known| known.pid != *child) {
                    found.extend(self.get(*child));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn process(pid: i32, parent: i32) -> Process {
        let born = pid.to_string();
        Process {
            pid,
            parent,
            session: 0,
            state: 'S',
            born,
            cpu_ms: 1,
            children_ms: 0,
            rss: 1,
            threads: Some(1),
        }
    }

    #[test]
    fn a_tree_is_all_that_stems_from_its_root() {
        let forest = Forest::new(
            [(1, 0), (2, 1), (3, 2), (4, 1), (5, 3), (6, 99)]
                .map(|(a, b)| process(a, b))
                .into(),
        );
        let pids = |root| {
            forest
                .tree(root)
                .iter()
                .map(|one| one.pid)
                .collect::<Vec<_>>()
        };
        assert_eq!(pids(2), [2, 3, 5]);
        assert_eq!(pids(1), [1, 2, 4, 3, 5]);
        assert_eq!(pids(7), [] as [i32; 0]);
    }

    proptest! {
        #[test]
        fn circles_end(parents in prop::collection::vec(0_i32..20, 20)) {
            let given = (0..20).zip(parents).map(|(pid, parent)| process(pid, parent)).collect();
            let forest = Forest::new(given);
            for root in 0..20 {
                let mut pids: Vec<i32> = forest.tree(root).iter().map(|one| one.pid).collect();
                let count = pids.len();
                pids.sort_unstable();
                pids.dedup();
                prop_assert_eq!(pids.len(), count);
            }
        }
    }
}
