//! The graph of what needs what: waves when it has an order, the circle when it has none.

use std::collections::BTreeMap;

use crate::name::Name;

/// Groups nodes into waves: each node stands after all it needs. Nodes on a circle are left out.
pub(crate) fn waves<'a, T: Copy>(
    nodes: &[T],
    name: impl Fn(T) -> &'a Name,
    needs: impl Fn(T) -> &'a [Name],
) -> Vec<Vec<T>> {
    let mut wave_of: BTreeMap<&Name, usize> = BTreeMap::new();
    let mut waves: Vec<Vec<T>> = Vec::new();
    let mut left: Vec<T> = nodes.to_vec();
    while !left.is_empty() {
        let (ready, waiting): (Vec<T>, Vec<T>) = left
            .iter()
            .partition(|node| needs(**node).iter().all(|need| wave_of.contains_key(need)));
        if ready.is_empty() {
            break;
        }
        wave_of.extend(ready.iter().map(|node| (name(*node), waves.len())));
        waves.push(ready);
        left = waiting;
    }
    waves
}

/// Every circle that a walk along `needs` closes, each as the names on it in order.
/// `edges[i]` lists the nodes that node `i` needs.
pub(crate) fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut walk = Walk {
        edges,
        state: vec![State::New; edges.len()],
        found: Vec::new(),
    };
    for start in 0..edges.len() {
        walk.from(start);
    }
    walk.found
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    OnPath,
    Done,
}

/// A depth-first walk with its own stack: a long chain of needs must not exhaust the thread's.
struct Walk<'a> {
    edges: &'a [Vec<usize>],
    state: Vec<State>,
    found: Vec<Vec<usize>>,
}

impl Walk<'_> {
    fn from(&mut self, start: usize) {
        if self.state[start] != State::New {
            return;
        }
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        self.state[start] = State::OnPath;
        while let Some((node, next)) = path.last_mut() {
            let Some(&need) = self.edges[*node].get(*next) else {
                self.state[*node] = State::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match self.state[need] {
                State::Done => {}
                State::OnPath => self.found.push(circle(&path, need)),
                State::New => {
                    self.state[need] = State::OnPath;
                    path.push((need, 0));
                }
            }
        }
    }
}

fn circle(path: &[(usize, usize)], from: usize) -> Vec<usize> {
    path.iter()
        .map(|(node, _)| *node)
        .skip_while(|node| *node != from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_once() {
        assert_eq!(cycles(&[vec![1], vec![2], vec![0]]), vec![vec![0, 1, 2]]);
        assert_eq!(cycles(&[vec![0]]), vec![vec![0]]);
        assert_eq!(cycles(&[vec![1], vec![]]), Vec::<Vec<usize>>::new());
        assert_eq!(
            cycles(&[vec![1, 2], vec![0], vec![0]]),
            vec![vec![0, 1], vec![0, 2]]
        );
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let edges: Vec<Vec<usize>> = (1..=200_000)
            .map(|next| if next < 200_000 { vec![next] } else { vec![0] })
            .collect();
        assert_eq!(cycles(&edges).len(), 1);
    }
}
