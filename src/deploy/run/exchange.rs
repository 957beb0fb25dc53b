//! Gives services other task definitions without CloudFormation, and sees that they become stable with them.

use super::Run;
use super::halt::Halt;
use super::services::Services;
use super::truth::Wanted;
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::Fact;
use crate::deploy::ports::{AwsError, Clock, Ports, ServiceChange};
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
    /// Exchanges task definitions, watches, and goes back where a service does not become stable.
    pub(super) async fn exchange(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        exchanges: &[Exchange],
    ) -> Result<Exchanged, Halt> {
        let mut services = Services::new(self.options.give_up_after, self.seed(&desired.name));
        services.dog.begins(self.clock.now());
        let wanted = self.hand_over(cloud, desired, exchanges, &mut services).await?;
        self.tell(&desired.name, Fact::Settles { services: wanted.keys().cloned().collect() });
        if self.options.detach {
            return Err(Halt::LeftRunning(None));
        }
        let Some(unsettled) = self.until_stable(cloud, &desired.name, &wanted, &mut services).await? else {
            return Ok(Exchanged::Done);
        };
        let mut problems = unsettled.problems(desired, &services);
        if self.options.keep {
            return Ok(Exchanged::Stranded(problems));
        }
        self.tell(&desired.name, Fact::PutsBack { deletes: false });
        let back: Vec<_> = exchanges.iter().map(Exchange::reversed).collect();
        let mut services = Services::new(0, self.seed(&desired.name));
        services.dog.begins(self.clock.now());
        let wanted = self.hand_over(cloud, desired, &back, &mut services).await?;
        match self.until_stable(cloud, &desired.name, &wanted, &mut services).await? {
            None => Ok(Exchanged::PutBack(problems)),
            Some(unsettled) => {
                problems.extend(unsettled.problems(desired, &services));
                Ok(Exchanged::Stranded(problems))
            }
        }
    }

    async fn hand_over(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        exchanges: &[Exchange],
        services: &mut Services,
    ) -> Result<Wanted, AwsError> {
        let mut wanted = Wanted::new();
        for exchange in exchanges {
            let change = ServiceChange { task_definition: Some(exchange.to.clone()), ..ServiceChange::default() };
            cloud.update_service(&exchange.arn, &change).await?;
            let Exchange { service, arn, from, to } = exchange;
            self.tell(
                &desired.name,
                Fact::Exchanges {
                    service: service.clone(),
                    from: revision(from),
                    to: revision(to),
                    at: self.clock.now(),
                },
            );
            services.arns.insert(service.clone(), arn.clone());
            wanted.insert(service.clone(), (arn.clone(), Some(to.clone())));
        }
        Ok(wanted)
    }
}

impl Exchange {
    fn reversed(&self) -> Exchange {
        Exchange { from: self.to.clone(), to: self.from.clone(), ..self.clone() }
    }
}

/// `family:revision` of an ARN.
fn revision(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or(arn).to_owned()
}
