//! Gives services other task definitions without CloudFormation, and sees that they become stable with them.

use super::Run;
use super::aftermath::not_exchanged_back;
use super::halt::Halt;
use super::services::Services;
use super::truth::Wanted;
use super::wish::Wish;
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::Fact;
use crate::deploy::explain::refused;
use crate::deploy::ports::{AwsError, Clock, Ports, ServiceChange, revision};
use crate::diag::Diagnostic;

/// One service and its task definitions.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    /// The service's name in the template.
    pub(super) service: String,
    /// Its ARN.
    pub(super) arn: String,
    /// The ARN of what it runs.
    pub(super) from: String,
    /// The ARN of what it is to run.
    pub(super) to: String,
}

/// How an exchange ended.
pub(super) enum Exchanged {
    /// Every service is stable with what it was to run.
    Done,
    /// One was not: all are back to what they ran before.
    PutBack(Vec<Diagnostic>),
    /// One was not, and not all are back.
    Stranded(Vec<Diagnostic>),
}

impl<C: Ports, K: Clock> Run<'_, C, K> {
    /// Exchanges task definitions, watches, and goes back where a service does not become stable. Refused is only what
    /// changed nothing.
    pub(super) async fn exchange(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        exchanges: &[Exchange],
    ) -> Result<Exchanged, Halt> {
        let given = self.give(cloud, desired, exchanges, None).await?;
        let Some(mut problems) = given else { return Ok(Exchanged::Done) };
        if self.options.keep {
            return Ok(Exchanged::Stranded(problems));
        }
        self.tell(&desired.name, Fact::PutsBack { deletes: false });
        let back: Vec<_> = exchanges.iter().map(Exchange::reversed).collect();
        let more = match self.give(cloud, desired, &back, Some(Wish::Cancel)).await {
            Ok(None) => return Ok(Exchanged::PutBack(problems)),
            Ok(Some(more)) => more,
            Err(Halt::Refused(error)) => vec![not_exchanged_back(desired, &error)],
            Err(halt) => return Err(Halt::Halfway { problems, halt: Box::new(halt) }),
        };
        problems.extend(more);
        Ok(Exchanged::Stranded(problems))
    }

    /// Hands task definitions over and watches, heeding wishes beyond what was heard; what is wrong where not every service becomes stable with its own.
    async fn give(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        exchanges: &[Exchange],
        heard: Option<Wish>,
    ) -> Result<Option<Vec<Diagnostic>>, Halt> {
        // Who goes back does not give up.
        let give_up_after = if heard.is_none() { self.options.give_up_after } else { 0 };
        let mut services = Services::new(give_up_after, self.seed(&desired.name));
        services.dog.begins(self.clock.now());
        let (wanted, refusal) = self.hand_over(cloud, desired, exchanges, &mut services).await;
        match refusal {
            Some(error) if wanted.is_empty() => return Err(error.into()),
            Some(error) => return Ok(Some(vec![refused(desired, &error)])),
            None => {}
        }
        self.tell(&desired.name, Fact::Settles { services: wanted.keys().cloned().collect() });
        if self.options.detach {
            return Err(Halt::LeftRunning(None));
        }
        let unsettled = self.until_stable(cloud, (&desired.name, heard), &wanted, &mut services).await?;
        Ok(unsettled.map(|unsettled| unsettled.problems(desired, &services)))
    }

    /// Hands over one after the other, up to the first refusal: what has got its task definition, and the refusal.
    async fn hand_over(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        exchanges: &[Exchange],
        services: &mut Services,
    ) -> (Wanted, Option<AwsError>) {
        let mut wanted = Wanted::new();
        for Exchange { service, arn, from, to } in exchanges {
            let change = ServiceChange { task_definition: Some(to.clone()), ..ServiceChange::default() };
            let asked = async || cloud.update_service(arn, &change).await;
            if let Err(error) = self.insist(&desired.name, asked).await {
                return (wanted, Some(error));
            }
            let (from, at) = (revision(from).to_owned(), self.clock.now());
            let fact = Fact::Exchanges { service: service.clone(), from, to: revision(to).to_owned(), at };
            self.tell(&desired.name, fact);
            services.arns.insert(service.clone(), arn.clone());
            wanted.insert(service.clone(), (arn.clone(), Some(to.clone())));
        }
        (wanted, None)
    }
}

impl Exchange {
    fn reversed(&self) -> Exchange {
        Exchange { from: self.to.clone(), to: self.from.clone(), ..self.clone() }
    }
}
