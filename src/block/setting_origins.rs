//! The places of the setters of a block, for problems of two versions of it.

use std::rc::Rc;

use super::{Alb, Block, Cluster, Container, FargateService, RawResource, Task, Vpc};
use crate::diag::{Origin, WithOrigin};

/// A setting with the places of the setters behind it.
trait Setting {
    /// Returns the places.
    fn origins(&self) -> impl Iterator<Item = &Origin>;
}

impl<T> Setting for Option<WithOrigin<T>> {
    fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.iter().map(|setting| &setting.origin)
    }
}

impl<T> Setting for Vec<WithOrigin<T>> {
    fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.iter().map(|setting| &setting.origin)
    }
}

/// Collects the origins of the settings of a value; every field is named, so that a new one is not forgotten.
macro_rules! origins {
    ($value:expr, $kind:ident { $($setting:ident),* }, without { $($other:ident),* }) => {{
        let $kind { $($setting,)* $($other: _,)* } = $value;
        let mut origins: Vec<&Origin> = Vec::new();
        $(origins.extend(Setting::origins($setting));)*
        origins
    }};
}

impl Block {
    /// Returns the places of all setters of the block.
    pub fn setting_origins(&self) -> Vec<&Origin> {
        match self {
            Block::Vpc(vpc) => origins!(
                &**vpc,
                Vpc { cidr, azs, nat_gateways, endpoint, flow_logs, public_subnets, private_subnets },
                without { identity }
            ),
            Block::Cluster(cluster) => {
                origins!(&**cluster, Cluster { vpc, azs, container_insights, spot, namespace }, without { identity })
            }
            Block::FargateService(service) => service_origins(service),
            Block::Alb(alb) => origins!(
                &**alb,
                Alb {
                    vpc,
                    listen,
                    https,
                    redirect_http,
                    internal,
                    allow_from,
                    domain,
                    idle_timeout,
                    access_logs,
                    deletion_protection,
                    drop_invalid_headers,
                    ssl_policy,
                    depends_on,
                    overrides
                },
                without { name }
            ),
            Block::Resource(resource) => origins!(
                &**resource,
                RawResource {
                    depends_on,
                    deletion_policy,
                    update_replace_policy,
                    creation_policy,
                    update_policy,
                    condition,
                    metadata
                },
                without { name, kind, properties, origins }
            ),
            Block::Parameter(_) => Vec::new(),
        }
    }

    /// Returns the place of the setter by which this block uses another one, else its own place.
    pub fn origin_of_use(&self, other: &Block) -> &Origin {
        let setter = match (self, other) {
            (Block::FargateService(service), Block::Alb(alb)) => {
                let mut attachments = service.behind.iter();
                attachments.find(|behind| Rc::ptr_eq(&behind.value.alb, alb)).map(|behind| &behind.origin)
            }
            (Block::FargateService(service), Block::FargateService(called)) => {
                service.calls.iter().find(|call| Rc::ptr_eq(&call.value, called)).map(|call| &call.origin)
            }
            (Block::FargateService(service), Block::Cluster(_)) => service.task.cluster.origins().next(),
            (Block::Cluster(cluster), Block::Vpc(_)) => cluster.vpc.origins().next(),
            (Block::Alb(alb), Block::Vpc(_)) => alb.vpc.origins().next(),
            (Block::Resource(resource), other) => {
                let mut needed = resource.depends_on.iter();
                needed.find(|needed| needed.value.same(other)).map(|needed| &needed.origin)
            }
            _ => None,
        };
        setter.unwrap_or_else(|| self.origin())
    }
}

fn service_origins(service: &FargateService) -> Vec<&Origin> {
    let mut found = origins! { service, FargateService {
        gunicorn, behind, health_check, scaling, count, calls, allow_from, spot, drain, grace_period, healthy_percent,
        circuit_breaker, no_circuit_breaker, alarm
    }, without { name, task } };
    found.extend(task_origins(&service.task));
    found
}

fn task_origins(task: &Task) -> Vec<&Origin> {
    let mut found = origins! { task, Task {
        sidecar, cluster, cpu, memory, arm64, ephemeral_storage, allow, allow_execution, managed_policy, public_ip, subnets,
        security_group, log_retention, exec, depends_on, overrides
    }, without { name, main } };
    found.extend(origins! { &task.main, Container {
        image, env, secret, command, entrypoint, port, cpu, memory, essential, depends_on, container_health_check, user,
        read_only_root, stop_timeout, efs
    }, without { name } });
    found
}
