//! What Ctrl-C means while a deployment runs.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;

use crate::cli::screen::Screen;
use crate::cli::terminal::Terminal;
use crate::deploy::{Event, Fact, Wish, Wisher};

/// The stacks whose operations run, by the events that were told.
#[derive(Default)]
pub(super) struct UnderWay(RefCell<BTreeSet<String>>);

impl UnderWay {
    /// Takes an event in.
    pub(super) fn hear(&self, event: &Event) {
        match &event.fact {
            Fact::Started { .. } | Fact::Follows { .. } | Fact::Settles { .. } | Fact::PutsBack { .. } => {
                self.0.borrow_mut().insert(event.stack.clone());
            }
            Fact::Settled { .. } | Fact::LeftRunning { .. } => {
                self.0.borrow_mut().remove(&event.stack);
            }
            _ => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

/// The first Ctrl-C asks what is to become of what runs; a second one, or one where nothing runs or nobody can answer,
/// leaves.
pub(super) async fn heed(wisher: &Wisher, under_way: &UnderWay, screen: &Screen, terminal: &Terminal) -> Infallible {
    let mut interrupts = terminal.interrupts();
    while interrupts.next().await {
        if under_way.is_empty() || !terminal.can_answer() {
            wisher.wish(Wish::Leave);
            continue;
        }
        screen.hold(true);
        let wish = tokio::select! {
            answer = asked(terminal.clone()) => answer,
            _ = interrupts.next() => Some(Wish::Leave),
        };
        screen.hold(false);
        if let Some(wish) = wish {
            wisher.wish(wish);
        }
    }
    std::future::pending().await
}

/// The answer; nothing to go on waiting.
async fn asked(terminal: Terminal) -> Option<Wish> {
    let (send, answer) = tokio::sync::oneshot::channel();
    // Reading a line blocks, and another Ctrl-C must be heard meanwhile.
    std::thread::spawn(move || {
        let question = "\nleave it running (l), or cancel it and roll back (c)? Enter goes on waiting: ";
        send.send(terminal.line_of_answer(question))
    });
    match answer.await.ok().flatten()?.trim().to_ascii_lowercase().as_str() {
        "l" | "leave" => Some(Wish::Leave),
        "c" | "cancel" => Some(Wish::Cancel),
        _ => None,
    }
}
