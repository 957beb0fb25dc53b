use std::sync::OnceLock;

use super::proxy::ProxiedConnector;
use super::{Aws, connect};

/// The clients of the services in one region, each created when it is first used: a plan calls CloudFormation alone.
#[derive(Debug, Default)]
pub(super) struct Clients {
    cloudformation: OnceLock<aws_sdk_cloudformation::Client>,
    ecs: OnceLock<aws_sdk_ecs::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    load_balancing: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
    auto_scaling: OnceLock<aws_sdk_applicationautoscaling::Client>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    plain: OnceLock<ProxiedConnector>,
}

impl Aws {
    pub(super) fn cloudformation(&self) -> &aws_sdk_cloudformation::Client {
        self.clients.cloudformation.get_or_init(|| aws_sdk_cloudformation::Client::new(&self.config))
    }

    pub(super) fn ecs(&self) -> &aws_sdk_ecs::Client {
        self.clients.ecs.get_or_init(|| aws_sdk_ecs::Client::new(&self.config))
    }

    pub(super) fn logs(&self) -> &aws_sdk_cloudwatchlogs::Client {
        self.clients.logs.get_or_init(|| aws_sdk_cloudwatchlogs::Client::new(&self.config))
    }

    pub(super) fn load_balancing(&self) -> &aws_sdk_elasticloadbalancingv2::Client {
        self.clients.load_balancing.get_or_init(|| aws_sdk_elasticloadbalancingv2::Client::new(&self.config))
    }

    pub(super) fn auto_scaling(&self) -> &aws_sdk_applicationautoscaling::Client {
        self.clients.auto_scaling.get_or_init(|| aws_sdk_applicationautoscaling::Client::new(&self.config))
    }

    pub(super) fn cloudwatch(&self) -> &aws_sdk_cloudwatch::Client {
        self.clients.cloudwatch.get_or_init(|| aws_sdk_cloudwatch::Client::new(&self.config))
    }

    /// Returns the HTTP connector of requests without the SDK.
    pub(super) fn plain_client(&self) -> &ProxiedConnector {
        self.clients.plain.get_or_init(|| connect::plain_client(&self.config))
    }
}
