//! The keys of Copilot's manifests (site/content/docs/manifest and site/content/docs/include of aws/copilot-cli).

use super::{Row, compare, copilot_environment, copilot_manifest};
use rtiler::importers::Imported;

/// The keys of the HTTP section of a load balanced and a backend service.
const HTTP: &[Row] = &[
    ("http", "+http: {path: /}"),
    ("http.path", "+http: {path: shop}"),
    ("http.alb", "http:\n  path: shop\n+ alb: edge"),
    ("http.alias", "http:\n  path: shop\n+ alias: shop.example.com"),
    ("http.allowed_source_ips", "http:\n  path: shop\n+ allowed_source_ips: [10.0.0.0/8]"),
    ("http.deregistration_delay", "http:\n  path: shop\n+ deregistration_delay: 20s"),
    ("http.healthcheck", "http:\n  path: shop\n+ healthcheck: /up"),
    ("http.healthcheck.path", "http:\n  path: shop\n+ healthcheck: {path: /up}"),
    ("http.healthcheck.port", "http:\n  path: shop\n  healthcheck:\n    path: /up\n+   port: 81"),
    (
        "http.healthcheck.success_codes",
        "http:\n  path: shop\n  healthcheck:\n    path: /up\n+   success_codes: 200-299",
    ),
    (
        "http.healthcheck.healthy_threshold",
        "http:\n  path: shop\n  healthcheck:\n    path: /up\n+   healthy_threshold: 7",
    ),
    (
        "http.healthcheck.unhealthy_threshold",
        "http:\n  path: shop\n  healthcheck:\n    path: /up\n+   unhealthy_threshold: 7",
    ),
    ("http.healthcheck.interval", "http:\n  path: shop\n  healthcheck:\n    path: /up\n+   interval: 45s"),
    ("http.healthcheck.timeout", "http:\n  path: shop\n  healthcheck:\n    path: /up\n+   timeout: 8s"),
    ("http.healthcheck.grace_period", "http:\n  path: shop\n  healthcheck:\n    path: /up\n+   grace_period: 90s"),
    ("http.hosted_zone", "http:\n  path: shop\n+ hosted_zone: Z123"),
    ("http.stickiness", "http:\n  path: shop\n+ stickiness: true"),
    (
        "http.target_container",
        "http:\n  path: shop\n+ target_container: proxy\nsidecars: {proxy: {image: 'proxy:1', port: 81}}",
    ),
    ("http.target_port", "http:\n  path: shop\n+ target_port: 8081"),
    ("http.version", "http:\n  path: shop\n+ version: grpc"),
    ("http.additional_rules", "http:\n  path: shop\n+ additional_rules: [{path: cart}]"),
    (
        "http.additional_rules.alias",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n+   alias: cart.example.com",
    ),
    (
        "http.additional_rules.allowed_source_ips",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n+   allowed_source_ips: [10.0.0.0/8]",
    ),
    (
        "http.additional_rules.deregistration_delay",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n+   deregistration_delay: 20s",
    ),
    (
        "http.additional_rules.healthcheck",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n+   healthcheck: {path: /up}",
    ),
    (
        "http.additional_rules.healthcheck.port",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n    target_port: 8081\n    healthcheck:\n      path: /up\n+     port: 81",
    ),
    (
        "http.additional_rules.healthcheck.success_codes",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n    target_port: 8081\n    healthcheck:\n      path: /up\n+     success_codes: 200-299",
    ),
    (
        "http.additional_rules.healthcheck.healthy_threshold",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n    target_port: 8081\n    healthcheck:\n      path: /up\n+     healthy_threshold: 7",
    ),
    (
        "http.additional_rules.healthcheck.unhealthy_threshold",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n    target_port: 8081\n    healthcheck:\n      path: /up\n+     unhealthy_threshold: 7",
    ),
    (
        "http.additional_rules.healthcheck.interval",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n    target_port: 8081\n    healthcheck:\n      path: /up\n+     interval: 45s",
    ),
    (
        "http.additional_rules.healthcheck.timeout",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n    target_port: 8081\n    healthcheck:\n      path: /up\n+     timeout: 8s",
    ),
    (
        "http.additional_rules.hosted_zone",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n+   hosted_zone: Z123",
    ),
    (
        "http.additional_rules.redirect_to_https",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n+   redirect_to_https: false",
    ),
    (
        "http.additional_rules.stickiness",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n+   stickiness: true",
    ),
    (
        "http.additional_rules.target_container",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n+   target_container: proxy\nsidecars: {proxy: {image: 'proxy:1', port: 81}}",
    ),
    (
        "http.additional_rules.target_port",
        "http:\n  path: shop\n  additional_rules:\n  - path: cart\n+   target_port: 8081",
    ),
    ("http.additional_rules.version", "http:\n  path: shop\n  additional_rules:\n  - path: cart\n+   version: http2"),
];

/// The keys of a load balanced service alone.
const LOAD_BALANCED: &[Row] = &[
    ("http.redirect_to_https", "http:\n  path: shop\n+ redirect_to_https: false"),
    ("nlb", "+nlb: {port: 443/tcp}"),
    ("nlb.port", "nlb:\n+ port: 8443/tcp"),
    ("nlb.alias", "nlb:\n  port: 443/tcp\n+ alias: shop.example.com"),
    ("nlb.healthcheck", "nlb:\n  port: 443/tcp\n+ healthcheck: {port: 81}"),
    ("nlb.healthcheck.healthy_threshold", "nlb:\n  port: 443/tcp\n+ healthcheck: {healthy_threshold: 3}"),
    ("nlb.healthcheck.unhealthy_threshold", "nlb:\n  port: 443/tcp\n+ healthcheck: {unhealthy_threshold: 3}"),
    ("nlb.healthcheck.grace_period", "nlb:\n  port: 443/tcp\n+ healthcheck: {grace_period: 90s}"),
    ("nlb.healthcheck.interval", "nlb:\n  port: 443/tcp\n+ healthcheck: {interval: 10s}"),
    ("nlb.healthcheck.timeout", "nlb:\n  port: 443/tcp\n+ healthcheck: {timeout: 8s}"),
    ("nlb.ssl_policy", "nlb:\n  port: 443/tls\n+ ssl_policy: ELBSecurityPolicy-TLS-1-1-2017-01"),
    ("nlb.stickiness", "nlb:\n  port: 443/tcp\n+ stickiness: true"),
    (
        "nlb.target_container",
        "nlb:\n  port: 443/tcp\n+ target_container: proxy\nsidecars: {proxy: {image: 'proxy:1', port: 81}}",
    ),
    ("nlb.target_port", "nlb:\n  port: 443/tcp\n+ target_port: 8081"),
    ("nlb.additional_listeners", "nlb:\n  port: 443/tcp\n+ additional_listeners: [{port: 8080/tcp}]"),
    (
        "nlb.additional_listeners.healthcheck",
        "nlb:\n  port: 443/tcp\n  additional_listeners:\n  - port: 8080/tcp\n+   healthcheck: {port: 81}",
    ),
    (
        "nlb.additional_listeners.ssl_policy",
        "nlb:\n  port: 443/tcp\n  additional_listeners:\n  - port: 8080/tls\n+   ssl_policy: a",
    ),
    (
        "nlb.additional_listeners.stickiness",
        "nlb:\n  port: 443/tcp\n  additional_listeners:\n  - port: 8080/tcp\n+   stickiness: true",
    ),
    (
        "nlb.additional_listeners.target_container",
        "nlb:\n  port: 443/tcp\n  additional_listeners:\n  - port: 8080/tcp\n+   target_container: proxy\nsidecars: {proxy: {image: 'proxy:1', port: 81}}",
    ),
    (
        "nlb.additional_listeners.target_port",
        "nlb:\n  port: 443/tcp\n  additional_listeners:\n  - port: 8080/tcp\n+   target_port: 8081",
    ),
];

/// The keys of every service.
const SERVICE: &[Row] = &[
    ("count", "+count: 3"),
    ("count.spot", "+count: {spot: 3}"),
    ("count.range", "+count: {range: 2-9}"),
    ("count.range.min", "count:\n  range:\n    max: 9\n+   min: 2"),
    ("count.range.max", "count:\n  range:\n    min: 1\n+   max: 9"),
    ("count.range.spot_from", "count:\n  range:\n    min: 1\n    max: 9\n+   spot_from: 3"),
    ("count.cooldown.in", "count:\n  range: 2-9\n  cpu_percentage: 60\n+ cooldown: {in: 30s}"),
    ("count.cooldown.out", "count:\n  range: 2-9\n  cpu_percentage: 60\n+ cooldown: {out: 30s}"),
    ("count.cpu_percentage", "count:\n  range: 2-9\n+ cpu_percentage: 60"),
    ("count.cpu_percentage.value", "count:\n  range: 2-9\n+ cpu_percentage: {value: 55, cooldown: {in: 10s}}"),
    ("count.memory_percentage", "count:\n  range: 2-9\n+ memory_percentage: 70"),
    ("deployment.rolling", "+deployment: {rolling: recreate}"),
    ("deployment.rollback_alarms", "+deployment: {rollback_alarms: [errors]}"),
    ("deployment.rollback_alarms.cpu_utilization", "+deployment: {rollback_alarms: {cpu_utilization: 70}}"),
    ("deployment.rollback_alarms.memory_utilization", "+deployment: {rollback_alarms: {memory_utilization: 50}}"),
    ("exec", "+exec: true"),
    ("observability.tracing", "+observability: {tracing: awsxray}"),
    ("taskdef_overrides", "+taskdef_overrides: [{path: 'ContainerDefinitions[0].Ulimits', value: []}]"),
    ("network.connect", "+network: {connect: true}"),
    ("network.connect.alias", "+network: {connect: {alias: shop}}"),
];

/// The keys of services with requests.
const REQUESTS: &[Row] = &[
    ("count.requests", "http: {path: shop}\ncount:\n  range: 2-9\n+ requests: 1000"),
    ("count.response_time", "http: {path: shop}\ncount:\n  range: 2-9\n+ response_time: 2s"),
    ("image.port", "image:\n  location: acme/web:1\n+ port: 8080"),
];

/// The keys of services and jobs.
const WORKLOAD: &[Row] = &[
    ("image.build", "+image: {build: web/Dockerfile, port: 80}"),
    ("image.build.dockerfile", "image:\n  port: 80\n  build:\n    context: web\n+   dockerfile: web/Web"),
    ("image.build.context", "image:\n  port: 80\n  build:\n    dockerfile: Dockerfile\n+   context: web"),
    ("image.build.target", "image:\n  port: 80\n  build:\n    dockerfile: Dockerfile\n+   target: release"),
    ("image.build.cache_from", "image:\n  port: 80\n  build:\n    dockerfile: Dockerfile\n+   cache_from: [a]"),
    ("image.build.args", "image:\n  port: 80\n  build:\n    dockerfile: Dockerfile\n+   args: {A: b}"),
    ("image.location", "+image: {location: 'acme/web:2', port: 80}"),
    (
        "image.credentials",
        "image:\n  port: 80\n  location: acme/web:1\n+ credentials: arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-abcdef",
    ),
    ("image.labels", "image:\n  port: 80\n  location: acme/web:1\n+ labels: {team: maps}"),
    (
        "image.depends_on",
        "sidecars: {proxy: {image: 'proxy:1'}}\nimage:\n  port: 80\n  location: acme/web:1\n+ depends_on: {proxy: start}",
    ),
    (
        "image.healthcheck.command",
        "image:\n  port: 80\n  location: acme/web:1\n+ healthcheck: {command: [CMD, 'true']}",
    ),
    (
        "image.healthcheck.interval",
        "image:\n  port: 80\n  location: acme/web:1\n  healthcheck:\n    command: [CMD, 'true']\n+   interval: 45s",
    ),
    (
        "image.healthcheck.retries",
        "image:\n  port: 80\n  location: acme/web:1\n  healthcheck:\n    command: [CMD, 'true']\n+   retries: 7",
    ),
    (
        "image.healthcheck.timeout",
        "image:\n  port: 80\n  location: acme/web:1\n  healthcheck:\n    command: [CMD, 'true']\n+   timeout: 9s",
    ),
    (
        "image.healthcheck.start_period",
        "image:\n  port: 80\n  location: acme/web:1\n  healthcheck:\n    command: [CMD, 'true']\n+   start_period: 20s",
    ),
    ("command", "+command: [serve]"),
    ("cpu", "+cpu: 512"),
    ("entrypoint", "+entrypoint: [/run.sh]"),
    ("env_file", "+env_file: web.env"),
    ("environments", "+environments: {prod: {cpu: 1024}}"),
    ("logging.retention", "+logging: {retention: 7}"),
    ("logging.image", "+logging: {image: 'fluent:1'}"),
    ("logging.destination", "+logging: {destination: {Name: cloudwatch}}"),
    ("logging.enableMetadata", "+logging: {enableMetadata: true}"),
    ("logging.secretOptions", "+logging: {secretOptions: {KEY: /a}}"),
    ("logging.configFilePath", "+logging: {configFilePath: /a.conf}"),
    ("logging.envFile", "+logging: {envFile: log.env}"),
    ("memory", "+memory: 1024"),
    ("network.vpc.placement", "+network: {vpc: {placement: private}}"),
    ("network.vpc.placement.subnets", "+network: {vpc: {placement: {subnets: [subnet-1]}}}"),
    ("network.vpc.placement.subnets.from_tags", "+network: {vpc: {placement: {subnets: {from_tags: {a: b}}}}}"),
    ("network.vpc.security_groups", "+network: {vpc: {security_groups: [sg-0123456789abcdef0]}}"),
    ("network.vpc.security_groups.from_cfn", "+network: {vpc: {security_groups: [{from_cfn: shared-sg}]}}"),
    ("network.vpc.security_groups.deny_default", "+network: {vpc: {security_groups: {deny_default: true}}}"),
    ("network.vpc.security_groups.groups", "+network: {vpc: {security_groups: {groups: [sg-0123456789abcdef0]}}}"),
    ("platform", "+platform: linux/arm64"),
    ("publish.topics", "+publish: {topics: [{name: sold}]}"),
    ("publish.topics.fifo", "publish:\n  topics:\n  - name: sold\n+   fifo: true"),
    (
        "publish.topics.fifo.content_based_deduplication",
        "publish:\n  topics:\n  - name: sold\n    fifo:\n+     content_based_deduplication: true",
    ),
    ("secrets", "+secrets: {TOKEN: /shop/token}"),
    ("secrets.secretsmanager", "+secrets: {TOKEN: {secretsmanager: shop/token}}"),
    ("secrets.from_cfn", "+secrets: {TOKEN: {from_cfn: shop-token}}"),
    ("sidecars.image", "+sidecars: {proxy: {image: 'proxy:1'}}"),
    ("sidecars.command", "sidecars:\n  proxy:\n    image: proxy:1\n+   command: [serve]"),
    (
        "sidecars.credentialsParameter",
        "sidecars:\n  proxy:\n    image: proxy:1\n+   credentialsParameter: arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-abcdef",
    ),
    ("sidecars.depends_on", "sidecars:\n  proxy:\n    image: proxy:1\n+   depends_on: {web: start}"),
    ("sidecars.entrypoint", "sidecars:\n  proxy:\n    image: proxy:1\n+   entrypoint: [/run.sh]"),
    ("sidecars.envFile", "sidecars:\n  proxy:\n    image: proxy:1\n+   envFile: proxy.env"),
    ("sidecars.essential", "sidecars:\n  proxy:\n    image: proxy:1\n+   essential: false"),
    (
        "sidecars.healthcheck",
        "sidecars:\n  proxy:\n    image: proxy:1\n+   healthcheck: {command: [CMD, 'true'], interval: 45s}",
    ),
    ("sidecars.labels", "sidecars:\n  proxy:\n    image: proxy:1\n+   labels: {team: maps}"),
    (
        "sidecars.mount_points",
        "storage: {volumes: {data: {path: /data, efs: {id: fs-0123456789abcdef0}}}}\nsidecars:\n  proxy:\n    image: proxy:1\n+   mount_points: [{source_volume: data, path: /data, read_only: true}]",
    ),
    ("sidecars.port", "sidecars:\n  proxy:\n    image: proxy:1\n+   port: 81"),
    ("sidecars.secrets", "sidecars:\n  proxy:\n    image: proxy:1\n+   secrets: {TOKEN: /shop/token}"),
    ("sidecars.variables", "sidecars:\n  proxy:\n    image: proxy:1\n+   variables: {LEVEL: info}"),
    ("storage.ephemeral", "+storage: {ephemeral: 40}"),
    ("storage.readonly_fs", "+storage: {readonly_fs: true}"),
    ("storage.volumes.efs", "+storage: {volumes: {data: {path: /data, efs: true}}}"),
    ("storage.volumes.efs.id", "+storage: {volumes: {data: {path: /data, efs: {id: fs-0123456789abcdef0}}}}"),
    ("storage.volumes.efs.id.from_cfn", "+storage: {volumes: {data: {path: /data, efs: {id: {from_cfn: files}}}}}"),
    (
        "storage.volumes.efs.root_dir",
        "storage:\n  volumes:\n    data:\n      path: /data\n      efs:\n        id: fs-0123456789abcdef0\n+       root_dir: /a",
    ),
    (
        "storage.volumes.efs.uid",
        "storage:\n  volumes:\n    data:\n      path: /data\n      efs:\n        id: fs-0123456789abcdef0\n+       uid: 1000",
    ),
    (
        "storage.volumes.efs.gid",
        "storage:\n  volumes:\n    data:\n      path: /data\n      efs:\n        id: fs-0123456789abcdef0\n+       gid: 1000",
    ),
    (
        "storage.volumes.efs.auth.iam",
        "storage:\n  volumes:\n    data:\n      path: /data\n      efs:\n        id: fs-0123456789abcdef0\n+       auth: {iam: true}",
    ),
    (
        "storage.volumes.efs.auth.access_point_id",
        "storage:\n  volumes:\n    data:\n      path: /data\n      efs:\n        id: fs-0123456789abcdef0\n+       auth: {access_point_id: fsap-0123456789abcdef0}",
    ),
    ("storage.volumes.path", "+storage: {volumes: {data: {path: /files, efs: {id: fs-0123456789abcdef0}}}}"),
    (
        "storage.volumes.read_only",
        "storage:\n  volumes:\n    data:\n      path: /data\n      efs: {id: fs-0123456789abcdef0}\n+     read_only: false",
    ),
    ("tags", "+tags: {team: maps}"),
    ("variables", "+variables: {LEVEL: info}"),
    ("variables.from_cfn", "+variables: {LEVEL: {from_cfn: level}}"),
];

/// The keys of a worker service alone.
const WORKER: &[Row] = &[
    (
        "count.queue_delay.acceptable_latency",
        "subscribe: {topics: [{name: orders, service: api}]}\ncount:\n  range: 1-9\n  queue_delay:\n    msg_processing_time: 250ms\n+   acceptable_latency: 10m",
    ),
    (
        "count.queue_delay.msg_processing_time",
        "subscribe: {topics: [{name: orders, service: api}]}\ncount:\n  range: 1-9\n  queue_delay:\n    acceptable_latency: 10m\n+   msg_processing_time: 250ms",
    ),
    (
        "count.queue_delay.cooldown",
        "subscribe: {topics: [{name: orders, service: api}]}\ncount:\n  range: 1-9\n  queue_delay:\n    acceptable_latency: 10m\n    msg_processing_time: 250ms\n+   cooldown: {in: 30s}",
    ),
    ("deployment.rollback_alarms.messages_delayed", "+deployment: {rollback_alarms: {messages_delayed: 5}}"),
    ("subscribe.topics", "+subscribe: {topics: [{name: orders, service: api}]}"),
    (
        "subscribe.topics.filter_policy",
        "subscribe:\n  topics:\n  - name: orders\n    service: api\n+   filter_policy: {store: [a]}",
    ),
    ("subscribe.topics.queue", "subscribe:\n  topics:\n  - name: orders\n    service: api\n+   queue: true"),
    (
        "subscribe.topics of FIFO",
        "subscribe:\n  queue: {fifo: true}\n  topics:\n  - name: orders\n    service: api\n+ - {name: ordered, service: api}",
    ),
    ("subscribe.queue.delay", "subscribe:\n  topics: [{name: orders, service: api}]\n+ queue: {delay: 5s}"),
    ("subscribe.queue.retention", "subscribe:\n  topics: [{name: orders, service: api}]\n+ queue: {retention: 2d}"),
    ("subscribe.queue.timeout", "subscribe:\n  topics: [{name: orders, service: api}]\n+ queue: {timeout: 45s}"),
    (
        "subscribe.queue.dead_letter.tries",
        "subscribe:\n  topics: [{name: orders, service: api}]\n+ queue: {dead_letter: {tries: 7}}",
    ),
    ("subscribe.queue.fifo", "subscribe:\n  topics: [{name: orders, service: api}]\n+ queue: {fifo: true}"),
    (
        "subscribe.queue.fifo.content_based_deduplication",
        "subscribe:\n  topics: [{name: orders, service: api}]\n  queue:\n    fifo:\n+     content_based_deduplication: true",
    ),
    (
        "subscribe.queue.fifo.deduplication_scope",
        "subscribe:\n  topics: [{name: orders, service: api}]\n  queue:\n    fifo:\n      content_based_deduplication: true\n+     deduplication_scope: messageGroup",
    ),
    (
        "subscribe.queue.fifo.throughput_limit",
        "subscribe:\n  topics: [{name: orders, service: api}]\n  queue:\n    fifo:\n      content_based_deduplication: true\n+     throughput_limit: perMessageGroupId",
    ),
    (
        "subscribe.queue.fifo.high_throughput",
        "subscribe:\n  topics: [{name: orders, service: api}]\n  queue:\n    fifo:\n      content_based_deduplication: true\n+     high_throughput: true",
    ),
];

/// The keys of a scheduled job alone.
const JOB: &[Row] = &[
    ("on.schedule", "+on: {schedule: '@daily'}"),
    ("retries", "on: {schedule: '@daily'}\n+retries: 3"),
    ("timeout", "on: {schedule: '@daily'}\n+timeout: 1h30m"),
];

/// The keys of an environment.
const ENVIRONMENT: &[Row] = &[
    ("cdn", "+cdn: true"),
    ("cdn.certificate", "+cdn: {certificate: arn}"),
    ("cdn.static_assets.alias", "+cdn: {static_assets: {alias: a.example.com}}"),
    ("cdn.static_assets.location", "+cdn: {static_assets: {location: b.s3.amazonaws.com}}"),
    ("cdn.static_assets.path", "+cdn: {static_assets: {path: /s/*}}"),
    ("cdn.terminate_tls", "+cdn: {terminate_tls: true}"),
    ("http.public.certificates", "+http: {public: {certificates: [arn]}}"),
    ("http.public.access_logs", "+http: {public: {access_logs: true}}"),
    ("http.public.access_logs.bucket_name", "+http: {public: {access_logs: {bucket_name: logs}}}"),
    ("http.public.access_logs.prefix", "+http: {public: {access_logs: {prefix: p}}}"),
    ("http.public.ssl_policy", "+http: {public: {ssl_policy: a}}"),
    ("http.public.ingress.cdn", "+http: {public: {ingress: {cdn: true}}}"),
    ("http.public.ingress.source_ips", "+http: {public: {ingress: {source_ips: [10.0.0.0/8]}}}"),
    ("http.private.certificates", "+http: {private: {certificates: [arn]}}"),
    ("http.private.subnets", "+http: {private: {subnets: [subnet-1]}}"),
    ("http.private.ingress.vpc", "+http: {private: {ingress: {vpc: true}}}"),
    ("http.private.ssl_policy", "+http: {private: {ssl_policy: a}}"),
    ("network.vpc.id", "+network: {vpc: {id: vpc-1}}"),
    ("network.vpc.cidr", "+network: {vpc: {cidr: 10.1.0.0/16}}"),
    ("network.vpc.subnets.public", "+network: {vpc: {subnets: {public: [{id: subnet-1}]}}}"),
    ("network.vpc.subnets.private", "+network: {vpc: {subnets: {private: [{cidr: 10.1.0.0/24, az: us-west-2a}]}}}"),
    (
        "network.vpc.security_group.ingress",
        "+network: {vpc: {security_group: {ingress: [{ip_protocol: tcp, ports: 80, cidr: 0.0.0.0/0}]}}}",
    ),
    (
        "network.vpc.security_group.egress",
        "+network: {vpc: {security_group: {egress: [{ip_protocol: tcp, ports: 80, cidr: 0.0.0.0/0}]}}}",
    ),
    ("network.vpc.flow_logs", "+network: {vpc: {flow_logs: true}}"),
    ("network.vpc.flow_logs.retention", "+network: {vpc: {flow_logs: {retention: 30}}}"),
    ("observability.container_insights", "+observability: {container_insights: true}"),
];

fn workload(kind: &'static str) -> impl Fn(&str) -> Imported {
    move |piece| {
        let has = |key: &str| piece.lines().any(|line| line.starts_with(key));
        let image = if has("image:") { "" } else { "image: {location: 'acme/web:1', port: 80}\n" };
        let schedule = if kind == "Scheduled Job" && !has("on:") { "on: {schedule: '@hourly'}\n" } else { "" };
        copilot_manifest(&format!("name: web\ntype: {kind}\n{image}{schedule}{piece}"))
    }
}

/// Compares the keys of a kind of manifest.
fn keys(file: &str, kind: &'static str, rows: &[&[Row]]) {
    let rows: Vec<Row> = rows.concat();
    compare(file, &rows, workload(kind));
}

#[test]
fn no_key_of_a_load_balanced_web_service_is_lost() {
    keys("copilot-load-balanced", "Load Balanced Web Service", &[HTTP, LOAD_BALANCED, SERVICE, REQUESTS, WORKLOAD]);
}

#[test]
fn no_key_of_a_backend_service_is_lost() {
    keys("copilot-backend", "Backend Service", &[HTTP, SERVICE, REQUESTS, WORKLOAD]);
}

#[test]
fn no_key_of_a_worker_service_is_lost() {
    keys("copilot-worker", "Worker Service", &[WORKER, SERVICE, WORKLOAD]);
}

#[test]
fn no_key_of_a_scheduled_job_is_lost() {
    keys("copilot-job", "Scheduled Job", &[JOB, WORKLOAD]);
}

#[test]
fn no_key_of_an_environment_is_lost() {
    compare("copilot-environment", ENVIRONMENT, |piece| {
        copilot_environment(&format!("name: prod\ntype: Environment\n{piece}"))
    });
}
