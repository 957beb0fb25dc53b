//! Topics: concepts of Copilot, the CDK, Terraform, Kubernetes and docker compose, with their words and the way to them.
//!
//! *Invariant*: a word that is the name of a method belongs to a topic that names this method.

use super::{DocElement, Entry, Kind};

/// A concept that users look for under the words of another tool.
pub(super) struct Topic {
    /// The title, which is the name of its page.
    title: &'static str,
    /// The words, in `snake_case`.
    words: &'static [&'static str],
    /// The documented names that serve it.
    names: &'static [&'static str],
    /// The page in Markdown; the first sentence is the summary.
    text: &'static str,
}

const fn topic(
    title: &'static str,
    words: &'static [&'static str],
    names: &'static [&'static str],
    text: &'static str,
) -> Topic {
    Topic { title, words, names, text }
}

/// Every topic.
pub(super) const TOPICS: &[Topic] = &[
    topic(
        "sticky sessions",
        &["sticky", "stickiness", "session_affinity", "affinity", "cookie", "enable_cookie_stickiness"],
        &["FargateService.sticky", "Target.sticky"],
        "The load balancer keeps a client on one task for some seconds: by a cookie of its own, or by one that the application \
         sets.\n\n```rhai\nservice.port(80).behind(alb).sticky(3600)\n```\n\n```rhai\nservice.port(80).behind(alb).sticky(3600, \
         \"session\")\n```",
    ),
    topic(
        "gRPC and HTTP/2",
        &["grpc", "http2", "protocol_version", "h2c"],
        &["FargateService.protocol", "Target.protocol"],
        "The protocol of the requests to a service is that of its target group. gRPC and HTTP/2 need an HTTPS listener, and the \
         health check of gRPC compares gRPC codes.\n\n```rhai\nlet alb = Alb(\"Web\").https(\"arn:aws:acm:eu-central-1:\
         123456789012:certificate/8f1c6e0a-1c1b-4a53-9d7e-1f3a5b7c9d11\");\nservice.port(50051).behind(alb)\n    \
         .protocol(\"grpc\").health_check(\"/grpc.health.v1.Health/Check\")\n```",
    ),
    topic(
        "draining and slow start of targets",
        &["drain", "draining", "deregistration", "deregistration_delay", "slow_start"],
        &[
            "FargateService.drain",
            "FargateService.slow_start",
            "FargateService.stop_timeout",
            "Target.drain",
            "Target.slow_start",
        ],
        "A target that is removed finishes its requests for the seconds of `.drain`; the share of requests of a new one grows \
         for those of `.slow_start`.\n\n```rhai\nservice.port(80).behind(alb).drain(60).stop_timeout(60).slow_start(90)\n```",
    ),
    topic(
        "routing algorithm",
        &["algorithm", "load_balancing_algorithm", "least_outstanding_requests", "round_robin", "anomaly_mitigation"],
        &[
            "FargateService.algorithm",
            "FargateService.anomaly_mitigation",
            "Target.algorithm",
            "Target.anomaly_mitigation",
        ],
        "A load balancer gives each task a request in turn, unless the target group has another algorithm.\n\n```rhai\n\
         service.port(80).behind(alb).algorithm(\"least_outstanding_requests\")\n```",
    ),
    topic(
        "ulimits, Linux parameters and other properties of a container",
        &[
            "ulimit",
            "ulimits",
            "nofile",
            "linux_parameter",
            "linux_parameters",
            "init_process_enabled",
            "shm_size",
            "sysctl",
            "tmpfs",
        ],
        &[
            "FargateService.ulimit",
            "Container.ulimit",
            "FargateService.linux_parameter",
            "Container.linux_parameter",
            "FargateService.system_control",
            "FargateService.override",
            "Job.ulimit",
            "Job.linux_parameter",
        ],
        "Setters of the service set them for the main container, setters of a `Container` for a sidecar. Fargate has no shared \
         memory and no tmpfs of a chosen size: mount a volume of the task.\n\n```rhai\nservice\n    .ulimit(\"nofile\", \
         65536)\n    .linux_parameter(\"InitProcessEnabled\", true)\n    .system_control(\"net.core.somaxconn\", 1024)\n```",
    ),
    topic(
        "environment files",
        &["env_file", "environment_files", "environment_file", "dotenv"],
        &["FargateService.env_file", "Container.env_file", "FargateService.env", "settings", "Job.env_file"],
        "`.env_file(arn)` reads variables from a file in S3 when a task starts, and lets the execution role read it. For values \
         that are known when the stack is deployed, `.env(map)` is simpler.\n\n```rhai\n\
         service.env_file(\"arn:aws:s3:::config/web.env\")\n```",
    ),
    topic(
        "migrations and other one-off tasks",
        &[
            "migrate",
            "migration",
            "migrations",
            "release_command",
            "pre_deploy",
            "one_off",
            "job",
            "run_once",
            "task_run",
        ],
        &["FargateService.before_deploy", "Job", "Job.timeout", "run run-task"],
        "`.before_deploy` of a service runs a command or a `Job` once before a new version: `deploy` shows its log, and its exit \
         code decides. `rtiler run SCRIPT run-task SERVICE -- CMD` runs a command in a new task of a service or a job by hand.\n\n\
         ```rhai\nservice.before_deploy([\"python\", \"manage.py\", \"migrate\"])\n```",
    ),
    topic(
        "scheduled tasks",
        &[
            "schedule",
            "cron",
            "cronjob",
            "cron_job",
            "scheduled_job",
            "scheduled_task",
            "nightly",
            "event_bridge",
            "timer",
        ],
        &["Job.schedule", "Job.retries", "Job.dead_letter", "Scaling.schedule", "AWS::Scheduler::Schedule"],
        "A `Job` is a task that ends, and `.schedule` starts it at times. `Scaling.schedule` changes the number of tasks of a \
         service at times.\n\n```rhai\nlet clean = Job(\"Clean\").image(\"ghcr.io/acme/shop:1.4.2\")\n    \
         .schedule(\"cron(0 3 * * ? *)\", \"Europe/Zurich\");\nStack(\"jobs\").add(clean)\n```",
    ),
    topic(
        "sidecars and init containers",
        &["sidecar", "sidecars", "init_container", "init_containers", "additional_containers", "pod"],
        &[
            "FargateService.sidecar",
            "FargateService.depends_on",
            "Container",
            "Container.depends_on",
            "Container.essential",
            "Job.sidecar",
        ],
        "A `Container` runs next to the main container of a service. An init container is not essential, because it ends, and \
         the main container waits for its success.\n\n```rhai\nservice\n    .sidecar(Container(\"init\")\n        \
         .image(\"public.ecr.aws/docker/library/busybox:1.36\")\n        .command([\"true\"])\n        \
         .essential(false))\n    .depends_on(\"init\", \"SUCCESS\")\n```",
    ),
    topic(
        "IAM roles and permissions",
        &[
            "iam",
            "role",
            "task_role",
            "execution_role",
            "policy",
            "permissions",
            "permission",
            "grant",
            "service_account",
            "irsa",
        ],
        &[
            "FargateService.allow",
            "FargateService.managed_policy",
            "FargateService.task_role",
            "FargateService.execution_role",
            "AWS::IAM::Role",
            "AWS::IAM::ManagedPolicy",
            "Job.task_role",
            "Job.execution_role",
            "ExpressService.execution_role",
            "ExpressService.task_role",
        ],
        "A service gets a task role, for its program, and an execution role, for ECS. `.allow` and `.managed_policy` add to \
         the task role; rtiler writes the execution role from what the task needs. `.task_role(arn)` and \
         `.execution_role(arn)` use roles of one's own.\n\n```rhai\nservice.allow(\"s3:GetObject\", \
         \"arn:aws:s3:::tiles/*\")\n```",
    ),
    topic(
        "ingress: public and internal traffic",
        &[
            "ingress",
            "gateway",
            "load_balancer",
            "load_balanced_web_service",
            "public_load_balancer",
            "expose",
            "internet_facing",
        ],
        &["FargateService.behind", "Alb", "Route", "Alb.allow_from", "Alb.internal", "Alb.https"],
        "An `Alb` receives requests, and `.behind` sends them to a service, with a `Route` for paths, hosts and headers. \
         `.allow_from` limits the addresses of clients.\n\n```rhai\nservice.port(80).behind(Alb(\"Edge\").allow_from(\
         \"203.0.113.0/24\"), Route().path(\"/api/*\"))\n```",
    ),
    topic(
        "network load balancers",
        &["nlb", "network_load_balancer", "tcp", "udp", "static_ip", "elastic_ip"],
        &["Nlb", "Nlb.listen", "Nlb.tls", "Nlb.elastic_ip", "Nlb.private_address"],
        "An `Nlb` forwards connections of TCP, UDP and TLS to services, with static addresses if they are given.\n\n```rhai\n\
         service.port(5432).behind(Nlb(\"Edge\").listen(5432))\n```",
    ),
    topic(
        "scaling by a queue or another metric",
        &["queue_delay", "sqs", "backlog", "custom_metric", "scale_on_metric", "step_scaling", "keda", "queue"],
        &["Scaling.queue", "Scaling.metric", "Scaling.steps", "AWS::SQS::Queue"],
        "`.queue` keeps a number of waiting messages for each task, `.metric` keeps any metric at a value, and `.steps` changes \
         the number of tasks by thresholds.\n\n```rhai\nlet jobs = AWS::SQS::Queue(\"Jobs\", #{});\n\
         service.scaling(Scaling(0..=20).queue(jobs, 100))\n```",
    ),
    topic(
        "blue/green, canary and rolling deployments",
        &[
            "blue_green",
            "bluegreen",
            "canary",
            "linear",
            "code_deploy",
            "codedeploy",
            "traffic_shifting",
            "traffic_shift",
            "bake",
            "bake_time",
            "lifecycle_hook",
            "rolling_update",
            "rolling",
            "max_surge",
            "max_unavailable",
        ],
        &[
            "FargateService.blue_green",
            "FargateService.canary",
            "FargateService.linear",
            "FargateService.rolling",
            "TrafficShift",
            "TrafficShift.bake",
            "TrafficShift.hook",
            "TrafficShift.pause",
            "TrafficShift.test_header",
            "TrafficShift.test_listener",
            "FargateService.early_success",
            "FargateService.healthy_percent",
            "FargateService.circuit_breaker",
            "AWS::ECS::Service.DeploymentConfiguration",
        ],
        "ECS replaces tasks in a rolling deployment with a circuit breaker, unless the service has another strategy. \
         `.blue_green` starts all new tasks next to the old ones and shifts the traffic at once, `.canary` shifts a part first, \
         and `.linear` shifts equal parts; the old tasks run until the bake time is over.\n\n```rhai\n\
         service.port(80).behind(alb).canary(10, 300, TrafficShift().bake(900))\n```\n\nOf a rolling deployment, \
         `.healthy_percent(min..=max)` sets how many tasks run, in percent of the desired count, and `.early_success(percent)` \
         completes it sooner.\n\n```rhai\nservice.healthy_percent(50..=200).circuit_breaker(5)\n```",
    ),
    topic(
        "log routing",
        &[
            "firelens",
            "fire_lens",
            "fluent_bit",
            "fluentd",
            "log_router",
            "log_configuration",
            "log_driver",
            "log_secret",
            "splunk",
            "datadog",
        ],
        &[
            "FargateService.fire_lens",
            "Container.fire_lens",
            "FargateService.log_router",
            "Container.log_router",
            "FargateService.log_driver",
            "Container.log_driver",
            "FargateService.log_secret",
            "Container.log_secret",
            "FargateService.log_retention",
            "FargateService.log_key",
            "Job.fire_lens",
            "Job.log_router",
            "Job.log_driver",
            "Job.log_secret",
        ],
        "Containers log to CloudWatch Logs with the driver `awslogs`; `.log_retention` sets the retention in days, `.log_key` the key \
         of KMS that encrypts them. `.fire_lens` \
         sends the logs to a log router, and the task gets one if it has none; `.log_driver` sets another \
         driver.\n\n```rhai\nservice.fire_lens(#{ Name: \"kinesis_firehose\", delivery_stream: \"web-logs\" })\n```",
    ),
    topic(
        "docker labels",
        &["label", "labels", "docker_labels", "annotations", "annotation"],
        &["FargateService.label", "Container.label", "Stack.tags", "Job.label"],
        "`.label(key, value)` sets a label of a container. Tags of AWS are those of the stack.\n\n```rhai\n\
         service.label(\"team\", \"maps\")\n```",
    ),
    topic(
        "volumes",
        &["volume", "volumes", "mount", "mount_points", "persistent_volume", "pvc", "ebs", "file_system"],
        &[
            "FargateService.volume",
            "FargateService.mount",
            "Container.mount",
            "FargateService.efs",
            "FargateService.ephemeral_storage",
            "FileSystem",
            "Job.volume",
            "Job.mount",
        ],
        "`.volume(name)` adds a volume that containers of a task share with `.mount(name, path)`; it ends with the task. `.efs` \
         mounts a file system; `.ephemeral_storage` sets the size of the disk of a task, in GiB.\n\n```rhai\n\
         service.ephemeral_storage(50).read_only_root().volume(\"tmp\").mount(\"tmp\", \"/tmp\")\n```",
    ),
    topic(
        "web application firewall",
        &["waf", "web_acl", "wafv2", "firewall"],
        &["Alb.waf", "AWS::WAFv2::WebACL"],
        "A web ACL of AWS WAF filters the requests of a load balancer.\n\n```rhai\nservice.port(80).behind(Alb(\"Web\")\n    \
         .waf(\"arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/web/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f\"))\n```",
    ),
    topic(
        "login of users at the load balancer",
        &["authenticate", "authentication", "login", "oidc", "openid", "cognito", "sso", "single_sign_on"],
        &[
            "Alb.authenticate",
            "Route.authenticate",
            "Route.no_authentication",
            "Authentication::oidc",
            "Authentication::cognito",
        ],
        "A load balancer with HTTPS lets users log in by OpenID Connect or Cognito before it forwards their requests.\n\n```rhai\n\
         let login = Authentication::cognito(\"arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI\",\n    \
         \"1example23456789\", \"company-login\");\nlet alb = Alb(\"Web\").redirect_http().authenticate(login)\n    .https(\
         \"arn:aws:acm:eu-central-1:123456789012:certificate/8f1c6e0a-1c1b-4a53-9d7e-1f3a5b7c9d11\");\nservice.port(80)\n    \
         .behind(alb)\n    .behind(alb, Route().path(\"/hooks/*\").no_authentication())\n```",
    ),
    topic(
        "redirects and fixed responses",
        &["redirect", "redirects", "fixed_response", "fixed_responses", "default_action", "maintenance_page"],
        &["Alb.route", "Alb.default_action", "Alb.redirect_http", "Redirect", "FixedResponse"],
        "A load balancer redirects or answers the requests of a route itself.\n\n```rhai\nservice.port(80).behind(Alb(\"Web\")\n    \
         .route(Route().host(\"example.com\"), Redirect().host(\"www.example.com\"))\n    .route(\"/robots.txt\", \
         FixedResponse(200).body(\"User-agent: *\")))\n```",
    ),
    topic(
        "service discovery and calls between services",
        &["service_connect", "service_discovery", "cloud_map", "service_mesh", "app_mesh", "cluster_ip", "dns_name"],
        &["Cluster.namespace", "FargateService.calls", "FargateService.allow_from", "Job.calls"],
        "The services of a cluster with a namespace reach each other by their names, with ECS Service Connect.\n\n```rhai\n\
         service.port(80).cluster(Cluster(\"Apps\").namespace(\"apps\"))\n```",
    ),
    topic(
        "databases and caches",
        &[
            "database",
            "db",
            "rds",
            "postgres",
            "mysql",
            "aurora",
            "redis",
            "valkey",
            "elasticache",
            "cache",
            "dynamodb",
        ],
        &["Database", "Database.database", "Cache", "Table", "FargateService.link"],
        "`Database` is a database of RDS or Aurora, `Cache` one of ElastiCache, `Table` one of DynamoDB: encrypted, private and \
         backed up. `.link` lets the tasks of a service connect, and gives them the variables and the password.\n\n```rhai\n\
         let db = Database(\"Shop\").engine(\"postgres\").database(\"shop\");\nStack(\"shop\").add(service.link(db))\n```",
    ),
    topic(
        "versions of database engines",
        &["engine_version", "major_version", "major_version_upgrade", "allow_major_upgrade", "upgrade"],
        &["Database.version", "Database.allow_major_version_upgrade", "Cache.version"],
        "A database stays at the major version that the script sets, and RDS upgrades its minor version. Another major version must be \
         allowed, and cannot be undone.\n\n```rhai\nDatabase(\"Shop\").version(\"17\").allow_major_version_upgrade()\n```",
    ),
    topic(
        "queues, topics, buckets and other storage",
        &["sns", "s3", "bucket", "dead_letter_queue", "dlq", "pubsub", "ecr", "secrets_manager"],
        &["Queue", "Queue.dead_letter", "Topic", "Bucket", "Secret", "Repository", "FargateService.link"],
        "`Queue` is a queue of SQS with its dead-letter queue, `Topic` a topic of SNS, `Bucket` a private bucket of S3, `Secret` a \
         secret of Secrets Manager and `Repository` one of ECR.\n\n```rhai\nlet jobs = Queue(\"Jobs\").dead_letter(3);\n\
         Stack(\"shop\").add(service.link(jobs, \"write\"))\n```",
    ),
    topic(
        "deletion and retention of data",
        &[
            "removal_policy",
            "prevent_destroy",
            "retain",
            "lifecycle",
            "deletion_protection",
            "protect",
            "force_destroy",
        ],
        &[
            "Resource.deletion_policy",
            "Database.deletion_protection",
            "Alb.deletion_protection",
            "Nlb.deletion_protection",
            "Stack.termination_protection",
        ],
        "A `Database` leaves a snapshot, and a `Bucket`, `Table`, `FileSystem`, `Secret` or `Repository` is kept, if its stack is \
         deleted. A resource with the deletion policy `Retain` or `Snapshot` keeps its data if its stack is deleted.\n\n```rhai\n\
         bucket.deletion_policy(\"Retain\")\n```",
    ),
    topic(
        "inputs of a script: variables and values",
        &[
            "variable",
            "variables",
            "tfvars",
            "values_yaml",
            "context",
            "locals",
            "cfn_parameter",
            "config_map",
            "configmap",
        ],
        &["settings", "optional", "parameter"],
        "`settings` declares typed inputs, which `--set`, the environment or a `.env` file set. `parameter` declares an input \
         of the template.\n\n```rhai\nlet s = settings(\"APP\", #{ stage: \"dev\", tasks: 2 });\nStack(\"app-\" + s.stage).add(\
         AWS::SQS::Queue(\"Jobs\", #{}))\n```",
    ),
    topic(
        "state, workspaces and stages",
        &["state", "tfstate", "backend", "workspace", "stage", "remote_state", "bootstrap"],
        &["settings", "run diff", "run status", "Stack.export_output", "cfn::import_value"],
        "There is no state file: CloudFormation knows what is deployed, and `diff` and `status` read it. A stage is a setting \
         that is part of the name of the stack.",
    ),
    topic(
        "Kubernetes workloads",
        &[
            "deployment",
            "stateful_set",
            "statefulset",
            "daemon_set",
            "replica_set",
            "replicaset",
            "kubernetes",
            "k8s",
            "helm",
            "namespace",
        ],
        &["FargateService", "Container", "Scaling", "Cluster", "Stack"],
        "A `FargateService` is a Deployment: tasks (pods) that are kept running. A `Container` is a further container of the \
         pod, `Scaling` a HorizontalPodAutoscaler, a `Stack` what is deployed together.\n\n```rhai\n\
         FargateService(\"Web\").image(\"nginx:1.27\").count(3)\n```",
    ),
    topic(
        "images and builds",
        &["docker", "dockerfile", "build", "asset", "from_asset", "container_image", "registry", "ecr"],
        &["FargateService.image", "Image", "Image.registry", "ArchivedImage.registry", "AWS::ECR::Repository"],
        "An image is named with its registry and tag; permissions to pull it follow from its name. `Image::build(folder)` is \
         built and pushed before a deployment, if its files have changed; `.registry(..)` sets where it is pushed.\n\n```rhai\n\
         FargateService(\"Api\").image(Image::build(\"app\").registry(\"ghcr.io/acme/api\"))\n```",
    ),
    topic(
        "ECS Express Mode",
        &["express_mode", "express_gateway_service", "app_runner", "load_balanced_web_service", "managed_service"],
        &["ExpressService", "AWS::ECS::ExpressGatewayService"],
        "An `ExpressService` is a container with HTTPS and a host name; ECS manages its load balancer, certificate and scaling. A \
         `FargateService` has all settings.\n\n```rhai\nlet web = ExpressService(\"Web\").image(\"nginx:1.29\").port(80);\n\
         Stack(\"web\").add(web).output(\"Url\", web.url)\n```",
    ),
    topic(
        "subnets, endpoints and networks that exist",
        &[
            "privatelink",
            "vpc_endpoint",
            "subnet",
            "subnets",
            "isolated",
            "air_gapped",
            "from_lookup",
            "vpc_id",
            "ssm_parameter",
        ],
        &[
            "Vpc.private_endpoints",
            "Vpc.isolated_subnets",
            "Vpc.nat_gateways",
            "Vpc::existing",
            "FargateService.subnets",
            "Job.subnets",
            "parameter",
            "ExpressService.subnets",
        ],
        "A `Vpc` has public and private subnets, and isolated ones if it has no NAT gateways or `.isolated_subnets()`; \
         `.private_endpoints()` gives tasks what they need without a way to the internet. The ids of a network that exists may come \
         from Parameter Store, one list from one parameter; a rehearsal assumes ids, or takes them from `--assume`.\n\n```rhai\n\
         let id = parameter(\"NetworkId\", #{\n    Type: \"AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>\",\n    \
         Default: \"/network/vpc-id\",\n});\nlet inner = parameter(\"PrivateSubnets\", #{\n    \
         Type: \"AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>\",\n    Default: \"/network/private-subnets\",\n});\n\
         let net = Vpc::existing(id).private_subnets(inner);\nStack(\"web\").vpc(net).add(service)\n```",
    ),
    topic(
        "IPv6 and dual stack",
        &["ipv6", "dual_stack", "dualstack", "ip_address_type"],
        &["Vpc.dual_stack", "Alb.dual_stack", "Vpc::existing"],
        "A dual-stack `Vpc` has IPv6 addresses in addition to IPv4; its load balancers may have them, too. Tasks get them if the \
         account setting `dualStackIPv6` of ECS is enabled.\n\n```rhai\nlet net = Vpc(\"Net\").dual_stack();\n\
         Stack(\"web\").vpc(net).add(service.behind(Alb(\"Web\").dual_stack()))\n```",
    ),
    topic(
        "a shell in a task",
        &["ssh", "shell", "kubectl_exec", "attach", "bastion"],
        &["run exec", "FargateService.exec"],
        "`.exec()` enables ECS Exec, and `rtiler run SCRIPT exec SERVICE` opens a shell in a running task.\n\n```rhai\n\
         service.exec()\n```",
    ),
    topic(
        "alarms, dashboards and metrics",
        &["monitoring", "observability", "dashboard", "metrics", "alarms", "prometheus", "container_insights"],
        &["FargateService.alarms", "FargateService.alarm", "Dashboard", "Cluster.container_insights"],
        "`.alarms(topic)` adds the usual alarms of a service, and a `Dashboard` shows what its stack does. `.alarm` rolls a deployment \
         back when an alarm of yours goes off; `Cluster.container_insights` collects more metrics.\n\n```rhai\nlet alerts = \
         Topic(\"Alerts\").email(\"ops@example.com\");\nStack(\"web\").add([service.alarms(alerts), Dashboard(\"Web\")])\n```",
    ),
];

impl Topic {
    /// Returns the words that find it.
    pub(super) fn words(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().copied()
    }

    /// Returns its title.
    pub(super) fn title(&self) -> &'static str {
        self.title
    }

    /// Returns the documented names that serve it.
    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }

    fn entry(&self) -> Entry {
        let mut parts = DocElement::parse(self.text);
        let names: Vec<String> = self.names.iter().map(|name| format!("`{name}`")).collect();
        parts.push(DocElement::text(format!("See also: {}.", names.join(", "))));
        let summary = super::part::summary(self.text);
        Entry { kind: Kind::Topic, name: self.title.to_owned(), signatures: Vec::new(), summary, parts }
    }
}

/// Returns the pages of the topics.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    TOPICS.iter().map(Topic::entry)
}
