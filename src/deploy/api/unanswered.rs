//! Says that a call has no answer yet.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use super::{ApiCall, AwsError, CallKind, CallWrapper, Clock, Timestamp};

/// The time without an answer that is worth a word.
const FIRST: Duration = Duration::from_secs(10);

/// The time from one word to the next.
const NEXT: Duration = Duration::from_secs(20);

/// The time after a word in which another call, of another stack, gets none.
const PAUSE: Duration = Duration::from_secs(5);

/// Says of calls that they have no answer yet: after 10 seconds, and then each 20 seconds.
#[derive(Clone)]
pub struct Unanswered<K> {
    clock: K,
    say: Rc<dyn Fn(ApiCall, Duration)>,
    /// The time of the last word.
    said: Rc<Cell<Option<Timestamp>>>,
}

impl<K: Clock> Unanswered<K> {
    /// Creates the wrapper; `say` gets the call and the time without an answer.
    pub fn new(clock: K, say: impl Fn(ApiCall, Duration) + 'static) -> Self {
        Self { clock, say: Rc::new(say), said: Rc::default() }
    }

    fn say(&self, call: ApiCall, waited: Duration) {
        let now = self.clock.now();
        if self.said.get().is_none_or(|last| now.since(last) >= PAUSE) {
            self.said.set(Some(now));
            (self.say)(call, waited);
        }
    }
}

impl<K: Clock> CallWrapper for Unanswered<K> {
    async fn around<T>(
        &self,
        _kind: CallKind,
        call: ApiCall,
        answer: impl Future<Output = Result<T, AwsError>>,
    ) -> Result<T, AwsError> {
        let (mut answer, mut waited, mut pause) = (pin!(answer), Duration::ZERO, FIRST);
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = self.clock.sleep(pause) => {}
            }
            waited += pause;
            pause = NEXT;
            self.say(call, waited);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::deploy::api::ErrorKind;
    use crate::rehearsal::RehearsalClock;

    type Said = Rc<RefCell<Vec<(ApiCall, u64)>>>;

    fn unanswered() -> (RehearsalClock, Unanswered<RehearsalClock>, Said) {
        let (clock, said) = (RehearsalClock::new(Timestamp::default(), 1.0), Said::default());
        let words = Rc::clone(&said);
        let say = move |call, waited: Duration| words.borrow_mut().push((call, waited.as_secs()));
        (clock, Unanswered::new(clock, say), said)
    }

    /// Makes a call whose answer takes some seconds.
    async fn call(clock: RehearsalClock, wrapper: &Unanswered<RehearsalClock>, call: ApiCall, seconds: u64) {
        let answer = async {
            clock.sleep(Duration::from_secs(seconds)).await;
            Err::<(), _>(AwsError::new(ErrorKind::Connection, call, "Timeout", "no answer"))
        };
        wrapper.around(CallKind::Read, call, answer).await.expect_err("the error of the call");
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn call_without_an_answer_is_reported_before_its_error_and_then_from_time_to_time() {
        let (clock, wrapper, said) = unanswered();
        call(clock, &wrapper, ApiCall::DescribeStacks, 9).await;
        assert!(said.borrow().is_empty(), "it was answered in time");
        call(clock, &wrapper, ApiCall::DescribeStacks, 25).await;
        assert_eq!(*said.borrow(), [(ApiCall::DescribeStacks, 10)]);
        call(clock, &wrapper, ApiCall::PutObject, 55).await;
        let of_upload = [10, 30, 50].map(|seconds| (ApiCall::PutObject, seconds));
        assert_eq!(said.borrow()[1..], of_upload);
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn calls_of_several_stacks_at_once_are_reported_once() {
        let (clock, wrapper, said) = unanswered();
        let events = || call(clock, &wrapper, ApiCall::DescribeStackEvents, 25);
        tokio::join!(events(), events(), events());
        assert_eq!(*said.borrow(), [(ApiCall::DescribeStackEvents, 10)]);
        events().await;
        assert_eq!(said.borrow().len(), 2, "the next call is reported again");
    }
}
