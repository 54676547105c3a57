//! Who gets a connection: nobody else's can keep the phone from its page.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::{AbortHandle, JoinSet};

/// Connections at the same time.
const MOST: usize = 32;
/// Those of one address. A phone opens a handful, some of them only in case it needs them.
const MOST_OF_ONE: usize = 4;

/// The connections that are served now; dropping it ends them.
#[derive(Debug, Default)]
pub(super) struct Places {
    tasks: JoinSet<()>,
    /// The oldest first.
    held: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    peer: IpAddr,
    /// Whether a request's head has come.
    spoke: Arc<AtomicBool>,
    task: AbortHandle,
}

impl Places {
    /// Serves a connection of `peer`, in place of another one if there are too many. What serves it sets what it is given
    /// once a request's head has come.
    pub(super) fn give<F>(&mut self, peer: IpAddr, serve: impl FnOnce(Arc<AtomicBool>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        while self.tasks.try_join_next().is_some() {}
        self.held.retain(|place| !place.task.is_finished());
        let peer = peer.to_canonical();
        let known: Vec<(IpAddr, bool)> = self
            .held
            .iter()
            .map(|place| (place.peer, place.spoke.load(Ordering::Relaxed)))
            .collect();
        if let Some(index) = to_end(&known, peer) {
            self.held.remove(index).task.abort();
        }
        let spoke = Arc::new(AtomicBool::new(false));
        let task = self.tasks.spawn(serve(spoke.clone()));
        self.held.push(Place { peer, spoke, task });
    }
}

/// Which of the connections, by their peers and whether they have spoken, has to end for another one of `peer`: the oldest
/// that is silent, else the oldest; one of its own if it has its share.
fn to_end(held: &[(IpAddr, bool)], peer: IpAddr) -> Option<usize> {
    let is_own = |index: &usize| held[*index].0 == peer;
    let all = 0..held.len();
    let has_spoken = |index: &usize| held[*index].1;
    if all.clone().filter(is_own).count() >= MOST_OF_ONE {
        return all.filter(is_own).min_by_key(has_spoken);
    }
    match held.len() >= MOST {
        true => all.min_by_key(has_spoken),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, number])
    }

    #[test]
    fn an_address_has_four_and_gives_up_its_own_oldest_silent_one() {
        let (phone, other) = (peer(1), peer(2));
        let mut held = vec![(other, false), (phone, true), (phone, false), (phone, false)];
        assert_eq!(to_end(&held, phone), None, "it has three");
        held.push((phone, false));
        assert_eq!(to_end(&held, phone), Some(2));
        assert_eq!(to_end(&held, other), None);
        let spoken = held.iter().map(|(peer, _)| (*peer, true)).collect::<Vec<_>>();
        assert_eq!(to_end(&spoken, phone), Some(1), "none of its own is silent");
    }

    #[test]
    fn when_all_are_taken_the_oldest_silent_one_ends_and_never_the_newcomer() {
        let mut held: Vec<(IpAddr, bool)> =
            (0..MOST as u8).map(|number| (peer(number), number < 3)).collect();
        assert_eq!(to_end(&held, peer(200)), Some(3));
        held.iter_mut().for_each(|(_, spoke)| *spoke = true);
        assert_eq!(to_end(&held, peer(200)), Some(0));
        held.pop();
        assert_eq!(to_end(&held, peer(200)), None);
    }
}
