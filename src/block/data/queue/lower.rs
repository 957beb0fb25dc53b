use std::rc::Rc;

use super::Queue;
use crate::block::data::out_of_range;
use crate::block::kind::{BlockKind, named_block};
use crate::block::lowering::{Lowering, SetProperty};
use crate::cfn;
use crate::cfn::type_names::QUEUE;
use crate::cfn::{LogicalId, Resource, TemplateString};
use crate::diag::Diagnostic;

/// The times that a message is received before it goes to the dead-letter queue. AWS advises enough for retries ("Using
/// dead-letter queues in Amazon SQS", SQS developer guide).
const RECEIVES: i64 = 5;
const SECONDS_OF_A_DAY: i64 = 24 * 60 * 60;
/// The longest retention of a message (`MessageRetentionPeriod` of `SetQueueAttributes`, SQS API).
const LONGEST_RETENTION_DAYS: i64 = 14;

impl Queue {
    /// Reports what `SetQueueAttributes` refuses.
    fn problems(&self) -> impl Iterator<Item = Diagnostic> {
        let visibility =
            out_of_range(self.visibility_timeout.as_ref(), 0..=43_200, ("the visibility timeout", "seconds"));
        let retention =
            out_of_range(self.retention.as_ref(), 1..=LONGEST_RETENTION_DAYS, ("the retention of messages", "days"));
        let delay = out_of_range(self.delay.as_ref(), 0..=900, ("the delay of messages", "seconds"));
        let receives = out_of_range(self.dead_letter.as_ref(), 1..=1_000, ("the number of receives", ""));
        [visibility, retention, delay, receives].into_iter().flatten()
    }

    /// Returns a queue that SQS encrypts with keys of its own, unless an override sets a key: "only one server-side encryption
    /// option is supported per queue" (`SqsManagedSseEnabled` of `SetQueueAttributes`, SQS API).
    fn queue(&self, role: &str) -> Resource {
        let own_keys = (!self.has_key(role)).then_some(true);
        Resource::new(QUEUE, self.name.origin.clone()).with_some("SqsManagedSseEnabled", own_keys).set(
            "FifoQueue",
            &self.fifo,
            |()| true,
        )
    }

    /// Returns whether an override sets the key of the queue with a role.
    fn has_key(&self, role: &str) -> bool {
        const KEY: &str = "KmsMasterKeyId";
        self.overrides.iter().map(|set| &set.value).any(|set| {
            let is_of_queue = set.role == role || set.role == QUEUE && self.no_dead_letter.is_some();
            let sets_key = set.path.as_deref() == Some(KEY) || set.path.is_none() && set.value.get(KEY).is_some();
            is_of_queue && sets_key
        })
    }
}

impl BlockKind for Queue {
    named_block!();

    fn logical_ids(&self) -> Vec<LogicalId> {
        let dead_letter = self.no_dead_letter.is_none().then(|| self.dead_letter_id());
        std::iter::once(self.logical_id()).chain(dead_letter).collect()
    }

    fn reference(&self) -> TemplateString {
        self.url()
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        lowering.report_all(self.problems());
        let mut queue = self
            .queue("Queue")
            .set("VisibilityTimeout", &self.visibility_timeout, |seconds| *seconds)
            .set("MessageRetentionPeriod", &self.retention, |days| days * SECONDS_OF_A_DAY)
            .set("DelaySeconds", &self.delay, |seconds| *seconds);
        if self.no_dead_letter.is_none() {
            let receives = self.dead_letter.as_ref().map_or(RECEIVES, |receives| receives.value);
            let redrive = cfn!({ "deadLetterTargetArn": self.dead_letter_arn(), "maxReceiveCount": receives });
            queue = queue.with("RedrivePolicy", redrive).with_origin("RedrivePolicy", &self.dead_letter);
            let days = LONGEST_RETENTION_DAYS * SECONDS_OF_A_DAY;
            lowering.add(self.dead_letter_id(), self.queue("DeadLetterQueue").with("MessageRetentionPeriod", days));
        }
        lowering.add(self.logical_id(), queue);
    }
}
