//! The editor's processes: everyone in its session, what they started, and what those started.
//!
//! The editor is the leader of a session of its own. VS Code gives each terminal's shell another session, so neither the
//! process group nor the session has them all; descendants do. What a person detached on purpose stays theirs: a process
//! under a terminal's shell that left the terminal for a session of its own (`setsid`), and whatever has already been
//! handed to init (tmux, daemons).

use std::collections::{HashMap, HashSet};
use std::io;

use crate::process::{self, Identity, Process};

/// The living processes of the editor whose parent process is `pid`; empty when there is none. Blocks for about a millisecond.
pub fn tree(pid: u32) -> Vec<Process> {
    let Some(leader) = process::find(pid) else {
        return Vec::new();
    };
    Tree::of(leader.id).refresh().unwrap_or_default()
}

/// The resident memory of the editor whose parent process is `pid`, with all it started, in bytes; none when it does not
/// run. Pages that processes share count once for each. Blocks for about a millisecond.
pub fn tree_rss(pid: u32) -> Option<u64> {
    let processes = tree(pid);
    (!processes.is_empty()).then(|| processes.iter().map(|process| process.rss).sum())
}

/// A growing picture of the editor's processes.
///
/// It remembers, because the facts fade while the editor ends: a child of a dead process belongs to init, and a shell
/// whose terminal was closed looks as if it never had one.
#[derive(Debug)]
pub(crate) struct Tree {
    leader: Identity,
    /// What a process of the leader's session must have in its environment to be believed, once the leader is gone.
    token: Option<String>,
    members: HashSet<Identity>,
    /// Members that are, or live under, a terminal's shell.
    in_terminals: HashSet<Identity>,
    left_alone: HashSet<Identity>,
}

impl Tree {
    /// The processes of the editor with this parent process, which lives or ended just now: the kernel gives its number to
    /// nobody while a process of its session lives.
    pub(crate) fn of(leader: Identity) -> Tree {
        Tree {
            leader,
            token: None,
            members: HashSet::new(),
            in_terminals: HashSet::new(),
            left_alone: HashSet::new(),
        }
    }

    /// The processes of an editor whose parent process may have ended long ago. Its session's number can have been used
    /// again since, so members of the session are asked for the `NAME=value` the editor was started with.
    pub(crate) fn left_behind(leader: Identity, token: String) -> Tree {
        Tree {
            token: Some(token),
            ..Tree::of(leader)
        }
    }

    /// The editor's parent process.
    pub(crate) fn leader(&self) -> Identity {
        self.leader
    }

    /// Looks again: adds newcomers and gives all members that live.
    ///
    /// # Errors
    /// When the process table cannot be read.
    pub(crate) fn refresh(&mut self) -> io::Result<Vec<Process>> {
        let all = process::all()?;
        self.update(&all);
        let mut alive: Vec<Process> = all
            .values()
            .filter(|process| self.members.contains(&process.id))
            .copied()
            .collect();
        alive.sort_by_key(|process| process.id);
        Ok(alive)
    }

    /// Takes in every process that has become one of ours. A child can only be judged after its parent: again and again
    /// until nothing changes, which is as often as the tree is deep.
    fn update(&mut self, all: &HashMap<u32, Process>) {
        let known = |tree: &Tree, id| tree.members.contains(&id) || tree.left_alone.contains(&id);
        let mut unknown: Vec<&Process> = all.values().filter(|process| !known(self, process.id)).collect();
        loop {
            let before = unknown.len();
            unknown.retain(|process| !self.judge(process, all));
            if unknown.len() == before {
                return;
            }
        }
    }

    /// Decides about one process; false when nothing connects it to the editor so far.
    fn judge(&mut self, process: &Process, all: &HashMap<u32, Process>) -> bool {
        if process.session == self.leader.pid && self.owns_session(process, all) {
            return self.members.insert(process.id);
        }
        if let Some(parent) = self.member(process.parent, all) {
            if self.is_detached(process, &parent, all) {
                return self.left_alone.insert(process.id);
            }
            return self.admit(process, &parent, all);
        }
        // A background job whose own parent has ended, in a shell that still lives.
        match self.member(process.session, all) {
            Some(shell) => self.admit(process, &shell, all),
            None => false,
        }
    }

    fn admit(&mut self, process: &Process, through: &Process, all: &HashMap<u32, Process>) -> bool {
        let editors_terminal = all.get(&self.leader.pid).and_then(|leader| leader.terminal);
        let has_own_terminal = process.terminal.is_some() && process.terminal != editors_terminal;
        if has_own_terminal || self.in_terminals.contains(&through.id) {
            self.in_terminals.insert(process.id);
        }
        self.members.insert(process.id)
    }

    /// In a session of its own, without a terminal, under a terminal's shell. Once the editor is gone its terminals are
    /// too, so then any second change of session counts: rather leave one of the editor's than end one of the person's.
    fn is_detached(&self, process: &Process, parent: &Process, all: &HashMap<u32, Process>) -> bool {
        let under_terminal = self.in_terminals.contains(&parent.id)
            || (!self.leader_lives(all) && parent.session != self.leader.pid);
        under_terminal && process.terminal.is_none() && process.session != parent.session
    }

    fn owns_session(&self, process: &Process, all: &HashMap<u32, Process>) -> bool {
        match (all.get(&self.leader.pid), &self.token) {
            (Some(leader), _) => leader.id == self.leader,
            (None, Some(token)) => process::was_started_with(process.id.pid, token),
            (None, None) => true,
        }
    }

    fn leader_lives(&self, all: &HashMap<u32, Process>) -> bool {
        all.get(&self.leader.pid)
            .is_some_and(|process| process.id == self.leader)
    }

    fn member(&self, pid: u32, all: &HashMap<u32, Process>) -> Option<Process> {
        all.get(&pid)
            .filter(|process| self.members.contains(&process.id))
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDITOR: Identity = Identity { pid: 100, started: 5 };
    const EDITORS_TERMINAL: u32 = 7;
    const SHELLS_TERMINAL: u32 = 8;

    fn process(pid: u32, parent: u32, session: u32, terminal: Option<u32>) -> Process {
        Process {
            id: Identity { pid, started: 5 },
            parent,
            group: pid,
            session,
            terminal,
            rss: 1,
        }
    }

    fn table(processes: &[Process]) -> HashMap<u32, Process> {
        processes
            .iter()
            .map(|process| (process.id.pid, *process))
            .collect()
    }

    fn pids(tree: &Tree) -> Vec<u32> {
        let mut pids: Vec<u32> = tree.members.iter().map(|id| id.pid).collect();
        pids.sort_unstable();
        pids
    }

    /// The parent, its server, a pty host, and a shell in a session of its own.
    fn editor_with_a_shell() -> Vec<Process> {
        vec![
            process(1, 0, 1, None),
            process(50, 1, 50, None),
            process(100, 50, 100, Some(EDITORS_TERMINAL)),
            process(101, 100, 100, Some(EDITORS_TERMINAL)),
            process(102, 101, 100, Some(EDITORS_TERMINAL)),
            process(103, 102, 103, Some(SHELLS_TERMINAL)),
        ]
    }

    #[test]
    fn the_session_and_the_shells_under_it_belong_to_the_editor_and_nobody_else() {
        let mut tree = Tree::of(EDITOR);
        tree.update(&table(&editor_with_a_shell()));
        assert_eq!(pids(&tree), [100, 101, 102, 103]);
    }

    #[test]
    fn what_was_detached_under_a_shell_is_left_alone_with_all_it_starts() {
        let mut processes = editor_with_a_shell();
        processes.push(process(110, 103, 103, Some(SHELLS_TERMINAL)));
        processes.push(process(111, 103, 111, None));
        processes.push(process(112, 111, 111, None));
        processes.push(process(113, 112, 113, Some(9)));
        let mut tree = Tree::of(EDITOR);
        tree.update(&table(&processes));
        assert_eq!(pids(&tree), [100, 101, 102, 103, 110]);

        // Even when the shell has lost its terminal, which is how a stop looks from the inside.
        for process in &mut processes {
            process.terminal = None;
        }
        tree.update(&table(&processes));
        assert_eq!(pids(&tree), [100, 101, 102, 103, 110]);
    }

    #[test]
    fn what_an_extension_started_in_a_session_of_its_own_is_the_editors() {
        let mut processes = editor_with_a_shell();
        processes.push(process(120, 101, 120, None));
        let mut tree = Tree::of(EDITOR);
        tree.update(&table(&processes));
        assert_eq!(pids(&tree), [100, 101, 102, 103, 120]);
    }

    #[test]
    fn a_background_job_whose_parent_ended_is_found_by_its_shells_session() {
        let mut processes = editor_with_a_shell();
        processes.push(process(130, 1, 103, Some(SHELLS_TERMINAL)));
        let mut tree = Tree::of(EDITOR);
        tree.update(&table(&processes));
        assert_eq!(pids(&tree), [100, 101, 102, 103, 130]);
    }

    #[test]
    fn members_are_remembered_when_their_parents_end() {
        let mut tree = Tree::of(EDITOR);
        tree.update(&table(&editor_with_a_shell()));
        let orphan = process(103, 1, 103, None);
        tree.update(&table(&[orphan]));
        assert!(tree.members.contains(&orphan.id));
    }

    #[test]
    fn without_the_leader_its_session_is_still_found_and_detached_work_still_left_alone() {
        let mut tree = Tree::of(EDITOR);
        tree.update(&table(&[
            process(102, 1, 100, None),
            process(103, 102, 103, None),
            process(111, 103, 111, None),
        ]));
        assert_eq!(pids(&tree), [102, 103]);
    }

    #[test]
    fn a_stranger_with_the_leaders_number_and_his_session_are_not_ours() {
        let stranger = Process {
            id: Identity { pid: 100, started: 6 },
            ..process(100, 1, 100, None)
        };
        let mut tree = Tree::of(EDITOR);
        tree.update(&table(&[stranger, process(101, 100, 100, None)]));
        assert_eq!(pids(&tree), [] as [u32; 0]);
    }

    #[test]
    fn members_of_a_session_without_leader_must_show_the_token() {
        let mut tree = Tree::left_behind(EDITOR, "NAME=not in our environment".to_owned());
        // This very test as a member of that session.
        tree.update(&table(&[process(std::process::id(), 1, 100, None)]));
        assert_eq!(pids(&tree), [] as [u32; 0]);
    }
}
