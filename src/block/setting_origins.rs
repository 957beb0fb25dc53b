//! The places of the setters of a block, for problems of two versions of it.

use std::rc::Rc;

use super::{
    Alb, Block, Bucket, Cache, Cluster, Container, Dashboard, Database, ExpressService, FargateService, FileSystem,
    Job, Nlb, Queue, RawResource, Repository, StoredSecret, Table, Target, Task, Topic, Vpc,
};
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
                Vpc {
                    cidr,
                    azs,
                    nat_gateways,
                    endpoint,
                    private_endpoints,
                    isolated,
                    dual_stack,
                    flow_logs,
                    public_subnets,
                    private_subnets,
                    isolated_subnets,
                    depends_on
                },
                without { identity }
            ),
            Block::Cluster(cluster) => {
                origins!(
                    &**cluster,
                    Cluster { vpc, azs, container_insights, spot, namespace, depends_on },
                    without { identity }
                )
            }
            Block::FargateService(service) => service_origins(service),
            Block::ExpressService(express) => {
                let own = origins! { &**express, ExpressService { health_check, scaling }, without { name, task } };
                own.into_iter().chain(task_origins(&express.task)).collect()
            }
            Block::Job(job) => job_origins(job),
            Block::Alb(alb) => alb_origins(alb),
            Block::Nlb(nlb) => nlb_origins(nlb),
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
            data => data_origins(data),
        }
    }

    /// Returns the place of the setter by which this block uses another one, else its own place.
    pub fn origin_of_use(&self, other: &Block) -> &Origin {
        let setter = match (self, other) {
            (Block::FargateService(service), Block::Alb(alb)) => {
                let mut attachments = service.behind.iter();
                attachments.find(|behind| Rc::ptr_eq(&behind.value.alb, alb)).map(|behind| &behind.origin)
            }
            (Block::FargateService(service), Block::Nlb(nlb)) => {
                service.nlb.iter().find(|behind| Rc::ptr_eq(&behind.value.nlb, nlb)).map(|behind| &behind.origin)
            }
            (Block::Nlb(nlb), Block::Vpc(_)) => nlb.vpc.origins().next(),
            (Block::FargateService(service), called @ Block::FargateService(_)) => {
                service.calls.iter().find(|call| call.value.service.same(called)).map(|call| &call.origin)
            }
            (Block::FargateService(service), Block::Topic(_)) if is_alarm_topic(service, other) => {
                service.alarms.origins().next()
            }
            (Block::FargateService(service), other) if service.task.link_of(other).is_some() => {
                service.task.link_of(other).map(|link| &link.origin)
            }
            (Block::FargateService(service), Block::Job(job)) => {
                service.before_deploy.iter().find(|it| it.value.is_job(job)).map(|it| &it.origin)
            }
            (Block::Job(job), called @ Block::FargateService(_)) => {
                job.calls.iter().find(|call| call.value.service.same(called)).map(|call| &call.origin)
            }
            (Block::ExpressService(express), other) if express.task.link_of(other).is_some() => {
                express.task.link_of(other).map(|link| &link.origin)
            }
            (Block::ExpressService(express), Block::Cluster(_)) => express.task.cluster.origins().next(),
            (Block::Job(job), other) if job.task.link_of(other).is_some() => {
                job.task.link_of(other).map(|link| &link.origin)
            }
            (Block::Job(job), Block::Cluster(_)) => job.task.cluster.origins().next(),
            (Block::FargateService(service), Block::Cluster(_)) => service.task.cluster.origins().next(),
            (Block::Cluster(cluster), Block::Vpc(_)) => cluster.vpc.origins().next(),
            (Block::Alb(alb), Block::Vpc(_)) => alb.vpc.origins().next(),
            (Block::Database(database), Block::Vpc(_)) => database.vpc.origins().next(),
            (Block::Cache(cache), Block::Vpc(_)) => cache.vpc.origins().next(),
            (Block::FileSystem(files), Block::Vpc(_)) => files.vpc.origins().next(),
            (Block::Topic(topic), Block::Queue(queue)) => {
                let mut subscribed = topic.subscribe.iter();
                subscribed.find(|other| Rc::ptr_eq(&other.value, queue)).map(|other| &other.origin)
            }
            (Block::Resource(resource), other) => {
                let mut needed = resource.depends_on.iter();
                needed.find(|needed| needed.value.same(other)).map(|needed| &needed.origin)
            }
            _ => None,
        };
        setter.unwrap_or_else(|| self.origin())
    }
}

/// Returns whether the alarms of a service notify a topic.
fn is_alarm_topic(service: &FargateService, topic: &Block) -> bool {
    let notified = service.alarms.as_ref().map(|set| Block::Topic(set.value.topic.clone()));
    notified.is_some_and(|notified| notified.same(topic))
}

fn alb_origins(alb: &Alb) -> Vec<&Origin> {
    origins!(
        alb,
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
            existing,
            default,
            routes,
            authenticate,
            waf,
            dual_stack,
            mutual_tls,
            depends_on,
            overrides
        },
        without { name }
    )
}

fn nlb_origins(nlb: &Nlb) -> Vec<&Origin> {
    origins!(
        nlb,
        Nlb {
            vpc,
            listen,
            tls,
            internal,
            allow_from,
            domain,
            cross_zone,
            preserve_client_ip,
            elastic_ip,
            private_address,
            access_logs,
            deletion_protection,
            ssl_policy,
            depends_on,
            overrides
        },
        without { name }
    )
}

fn service_origins(service: &FargateService) -> Vec<&Origin> {
    let mut found = origins! { service, FargateService {
        gunicorn, behind, nlb, scaling, count, calls, allow_from, spot, grace_period, healthy_percent,
        circuit_breaker, no_circuit_breaker, strategy, early_success, alarm, alarms, before_deploy
    }, without { name, task, target } };
    found.extend(target_origins(&service.target));
    found.extend(task_origins(&service.task));
    found
}

fn job_origins(job: &Job) -> Vec<&Origin> {
    let mut found = origins! { job, Job { schedule, calls, retries, timeout, dead_letter }, without { name, task } };
    found.extend(task_origins(&job.task));
    found
}

fn task_origins(task: &Task) -> Vec<&Origin> {
    let mut found = origins! { task, Task {
        sidecar, cluster, cpu, memory, arm64, operating_system, pid_mode, fault_injection, volume, ephemeral_storage, task_role,
        execution_role, allow, allow_execution, managed_policy, public_ip, subnets,
        security_group, log_retention, log_key, exec, link, depends_on, overrides
    }, without { name, main } };
    found.extend(origins! { &task.main, Container {
        image, registry_credentials, version_consistency, env, env_file, secret, command, entrypoint, working_directory, user,
        interactive, pseudo_terminal, port, named_port, port_range, cpu, memory, memory_reservation, ulimit, system_control,
        linux_parameter, label, essential, restart_policy, depends_on, container_health_check, start_timeout, stop_timeout,
        read_only_root, efs, mount, volumes_from, log_driver, log_secret, fire_lens, log_router, credential_spec
    }, without { name } });
    found
}

fn target_origins(target: &Target) -> Vec<&Origin> {
    origins!(
        target,
        Target { container, port, protocol, health_check, sticky, drain, slow_start, algorithm, anomaly_mitigation },
        without {}
    )
}

fn database_origins(database: &Database) -> Vec<&Origin> {
    origins!(
        database,
        Database {
            engine,
            version,
            allow_major_version_upgrade,
            instance,
            serverless,
            instances,
            storage,
            max_storage,
            multi_az,
            database,
            user,
            backups,
            deletion_protection,
            managed_password,
            parameter,
            performance_insights,
            snapshot,
            vpc,
            delete_with_stack,
            depends_on,
            overrides
        },
        without { name }
    )
}

/// Returns the places of the setters of a block that services use.
fn data_origins(block: &Block) -> Vec<&Origin> {
    match block {
        Block::Database(database) => database_origins(database),
        Block::Cache(cache) => origins!(
            &**cache,
            Cache { engine, version, node_type, nodes, serverless, auth_token, backups, vpc, depends_on, overrides },
            without { name }
        ),
        Block::Bucket(bucket) => origins!(
            &**bucket,
            Bucket { versioned, keep_versions, expire, cors, delete_with_stack, depends_on, overrides },
            without { name }
        ),
        Block::Queue(queue) => origins!(
            &**queue,
            Queue { fifo, dead_letter, no_dead_letter, visibility_timeout, retention, delay, depends_on, overrides },
            without { name }
        ),
        Block::Topic(topic) => {
            origins!(&**topic, Topic { email, https, subscribe, encrypted, depends_on, overrides }, without { name })
        }
        Block::Table(table) => origins!(
            &**table,
            Table { partition_key, sort_key, index, ttl, no_backups, delete_with_stack, depends_on, overrides },
            without { name }
        ),
        Block::FileSystem(files) => origins!(
            &**files,
            FileSystem { owner, folder, vpc, no_backups, delete_with_stack, depends_on, overrides },
            without { name }
        ),
        Block::Secret(secret) => origins!(
            &**secret,
            StoredSecret { value, keys, generate, length, delete_with_stack, depends_on, overrides },
            without { name }
        ),
        Block::Repository(repository) => {
            origins!(
                &**repository,
                Repository { mutable_tags, keep, delete_with_stack, depends_on, overrides },
                without { name }
            )
        }
        Block::Dashboard(board) => origins!(&**board, Dashboard { shows, depends_on, overrides }, without { name }),
        _ => Vec::new(),
    }
}
