use std::ops::RangeInclusive;
use std::rc::Rc;

use super::container_setters::{ContainerSetters, HasContainer};
use super::target::{STICKY_SECONDS, sticky};
use super::task_setters::{HasTask, TaskSetters};
use crate::block::{
    AlarmSet, Alb, AllowedSource, BeforeDeploy, Container, DeploymentStrategy, EarlySuccess, FargateService, Gunicorn,
    ImageSource, IntOrRef, LoadBalancerAttachment, Name, NlbAttachment, Scaling, ServiceCall, Stickiness, StrategyKind,
    Target, TargetPort, Task, Topic, TrafficShift, TrafficStep,
};
use crate::cfn::TemplateString;
use crate::script::convert::load_balancers::{LoadBalancerArg, RouteOrPort};
use crate::script::convert::{HealthCheckArg, Properties, SourceArg};
use crate::script::declaration::{
    Function, Getter, Method, Property, ScriptType, SharedSetters, functions, getters, methods, properties,
};
use crate::script::registration::to_dynamic;

impl HasContainer for FargateService {
    fn container(&mut self) -> &mut Container {
        &mut self.task.main
    }
}

impl HasTask for FargateService {
    fn task(&mut self) -> &mut Task {
        &mut self.task
    }
}

/// Returns a strategy with its settings.
fn shifted(kind: StrategyKind, shift: &TrafficShift) -> DeploymentStrategy {
    DeploymentStrategy { kind, shift: shift.clone() }
}

impl ScriptType for FargateService {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates an ECS service on Fargate: tasks that are kept running, replaced when they fail, and scaled.
        ///
        /// ```rhai
        /// FargateService("Web").image("nginx:1.27").port(80).behind(Alb("Web"))
        /// ```
        fn FargateService(name: Name) |at| FargateService::new(at.put(name));
    };

    const VARIABLE: &'static str = "service";
    const SHARED: &'static [SharedSetters<Self>] =
        &[TaskSetters::BASIC, TaskSetters::MORE, ContainerSetters::BASIC, ContainerSetters::MORE];

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the image of the main container: `ghcr.io/owner/name:tag`, or `Image::build(folder)`.
        ///
        /// ```rhai
        /// FargateService("Web").image("public.ecr.aws/nginx/nginx:1.29")
        /// ```
        fn image(image: ImageSource) |service, at| service.task.main.image = at.set(image);
        /// Sets settings of Gunicorn, as environment variables of the main container.
        ///
        /// ```rhai
        /// service.gunicorn(Gunicorn().web_concurrency(4))
        /// ```
        fn gunicorn(gunicorn: Rc<Gunicorn>) |service, at| service.gunicorn = at.set((*gunicorn).clone());
        /// Registers the service with a load balancer as its default target: it gets the requests that no route of an `Alb` takes, or
        /// the connections of all ports of an `Nlb`.
        ///
        /// ```rhai
        /// service.port(8080).behind(alb)
        /// ```
        #[adds = "a load balancer"]
        fn behind(load_balancer: LoadBalancerArg) |service, at| match load_balancer {
            LoadBalancerArg::Alb(alb) => service.behind.push(at.put(LoadBalancerAttachment { alb, route: None, target: None })),
            LoadBalancerArg::Nlb(nlb) => service.nlb.push(at.put(NlbAttachment { nlb, listener: None, target: None })),
        };
        /// Registers the service with a load balancer for requests that match a path (`/api/*`) or a `Route()`.
        ///
        /// ```rhai
        /// service.port(8080).behind(alb, "/api/*")
        /// ```
        ///
        /// ```rhai
        /// service.port(5432).behind(Nlb("Edge").listen(5432), 5432)
        /// ```
        #[adds = "a route"]
        fn behind(load_balancer: LoadBalancerArg, route: RouteOrPort) |service, at| match load_balancer {
            LoadBalancerArg::Alb(alb) => {
                let route = Some(route.route(|port| at.put(port)));
                service.behind.push(at.put(LoadBalancerAttachment { alb, route, target: None }));
            }
            LoadBalancerArg::Nlb(nlb) => {
                service.nlb.push(at.put(NlbAttachment { nlb, listener: Some(route.listener()), target: None }));
            }
        };
        /// Puts the service behind a load balancer for the requests of a route, which go to a container or port other than its
        /// own, or in another way.
        ///
        /// ```rhai
        /// let envoy = Container("Envoy").image("envoyproxy/envoy:v1.31.0").port(9901);
        /// Stack("web").add(service.port(80).sidecar(envoy).behind(alb)
        ///     .behind(alb, "/envoy/*", Target().container("Envoy").health_check("/ready")))
        /// ```
        #[adds = "a route"]
        fn behind(load_balancer: LoadBalancerArg, route: RouteOrPort, target: Rc<Target>) |service, at| {
            let target = Some((*target).clone());
            match load_balancer {
                LoadBalancerArg::Alb(alb) => {
                    let route = Some(route.route(|port| at.put(port)));
                    service.behind.push(at.put(LoadBalancerAttachment { alb, route, target }));
                }
                LoadBalancerArg::Nlb(nlb) => {
                    service.nlb.push(at.put(NlbAttachment { nlb, listener: Some(route.listener()), target }));
                }
            }
        };
        /// Sets how the load balancer checks the health of a task: a path, or a `HealthCheck(path)`.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).health_check(HealthCheck("/health").interval(30).timeout(5))
        /// ```
        fn health_check(check: HealthCheckArg) |service, at| service.target.health_check = at.set(check.0);
        /// Scales the number of tasks by load or on a schedule.
        ///
        /// ```rhai
        /// service.scaling(Scaling(2..=10).cpu(60))
        /// ```
        fn scaling(scaling: Rc<Scaling>) |service, at| service.scaling = at.set((*scaling).clone());
        /// Sets a fixed number of tasks. Use either this or `.scaling`.
        ///
        /// ```rhai
        /// service.count(2)
        /// ```
        #[default = "1"]
        #[unless = "scaling"]
        fn count(tasks: IntOrRef) |service, at| service.count = at.set(tasks);
        /// Lets the service call another one: adds a rule to its security group, and creates this service after it. Repeatable.
        ///
        /// ```rhai
        /// let cluster = Cluster("Apps");
        /// let backend = FargateService("Backend").cluster(cluster).image("ghcr.io/example/backend:1.0.0").port(9000);
        /// let web = FargateService("Web").cluster(cluster).image("nginx:1.29").port(80).calls(backend);
        /// Stack("web").add([backend, web])
        /// ```
        #[adds = "a service"]
        fn calls(called: Rc<FargateService>) |service, at| {
            service.calls.push(at.put(ServiceCall { service: called.into(), port: None }));
        };
        /// Lets the service call a port of another one, given by its number or name. Repeatable.
        ///
        /// ```rhai
        /// let cluster = Cluster("Apps");
        /// let backend =
        ///     FargateService("Backend").cluster(cluster).image("ghcr.io/example/backend:1.0.0").port("http", 80).port("admin", 9000);
        /// let web = FargateService("Web").cluster(cluster).image("nginx:1.29").calls(backend, "admin");
        /// Stack("web").add([backend, web])
        /// ```
        #[adds = "a service"]
        fn calls(called: Rc<FargateService>, port: TargetPort) |service, at| {
            service.calls.push(at.put(ServiceCall { service: called.into(), port: Some(port) }));
        };
        /// Admits a source on the port of the main container: a service, a load balancer, the id of a security group, or a
        /// block of addresses. Repeatable.
        ///
        /// ```rhai
        /// service.port(8080).allow_from("10.0.0.0/16")
        /// ```
        #[adds = "a source"]
        fn allow_from(source: SourceArg) |service, at| {
            service.allow_from.push(at.put(AllowedSource { source: source.0, port: None }));
        };
        /// Admits a source on a port of the tasks. Repeatable.
        ///
        /// ```rhai
        /// service.allow_from("sg-0a1b2c3d4e5f60718", 9090)
        /// ```
        #[adds = "a source"]
        fn allow_from(source: SourceArg, port: i64) |service, at| {
            service.allow_from.push(at.put(AllowedSource { source: source.0, port: Some(port) }));
        };
        /// Runs tasks on Fargate Spot too, which is cheaper and can be stopped with two minutes' notice. The weight
        /// is relative
        /// to 1 for plain Fargate: `.spot(4)` runs four of five tasks on Spot.
        ///
        /// ```rhai
        /// service.cluster(Cluster("Apps").spot()).spot(4)
        /// ```
        fn spot(weight: i64) |service, at| service.spot = at.set(weight);
        /// Sets the seconds that a stopping task may take to finish its requests, before its connections are closed, at most
        /// 3600 (the deregistration delay of its target groups).
        ///
        /// ```rhai
        /// service.port(80).behind(alb).drain(120)
        /// ```
        #[default = "30"]
        fn drain(seconds: i64) |service, at| service.target.drain = at.set(seconds);
        /// Sends the requests of a client to one task for one day, by a cookie of the load balancer.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).sticky()
        /// ```
        fn sticky() |service, at| service.target.sticky = at.set(sticky(STICKY_SECONDS));
        /// Sends the requests of a client to one task, by a cookie of the load balancer that is valid for these seconds.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).sticky(3600)
        /// ```
        fn sticky(seconds: i64) |service, at| service.target.sticky = at.set(sticky(seconds));
        /// Sends the requests of a client to one task for these seconds after the application sets its cookie, given by its name.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).sticky(3600, "session")
        /// ```
        fn sticky(seconds: i64, cookie: String) |service, at| {
            service.target.sticky = at.set(Stickiness { seconds, cookie: Some(cookie) });
        };
        /// Lets the share of requests of a new task grow for these seconds, 30 to 900.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).slow_start(60)
        /// ```
        fn slow_start(seconds: i64) |service, at| service.target.slow_start = at.set(seconds);
        /// Sets the protocol of the load balancer's requests to the main container. `http2` and `grpc` need an HTTPS listener.
        ///
        /// The health check of gRPC compares gRPC codes: without a health check the path is `/AWS.ALB/healthcheck` and the
        /// code 12 ("unimplemented"), which every server answers; with a path the code is 0 ("ok") unless `.codes` sets others.
        ///
        /// ```rhai
        /// let certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f";
        /// Stack("api").add(service.port(50051).protocol("grpc").behind(Alb("Edge").https(certificate)))
        /// ```
        #[default = "http"]
        #[one_of = Target::PROTOCOLS]
        fn protocol(protocol: String) |service, at| service.target.protocol = at.set(protocol);
        /// Sets how the load balancer selects the task of a request.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).algorithm("least_outstanding_requests")
        /// ```
        #[default = "round_robin"]
        #[one_of = Target::ALGORITHMS]
        fn algorithm(name: String) |service, at| service.target.algorithm = at.set(name);
        /// Sends fewer requests to tasks that answer with more errors than the others. It needs the algorithm `weighted_random`.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).algorithm("weighted_random").anomaly_mitigation()
        /// ```
        fn anomaly_mitigation() |service, at| service.target.anomaly_mitigation = at.flag();
        /// Sets the seconds after a task's start in which failed health checks do not stop it.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).grace_period(120)
        /// ```
        #[default = "60"]
        fn grace_period(seconds: i64) |service, at| service.grace_period = at.set(seconds);
        /// Sets the minimum and maximum number of tasks during a deployment, in percent of the desired count.
        ///
        /// ```rhai
        /// service.count(2).healthy_percent(50..=150)
        /// ```
        #[default = "100..=200"]
        fn healthy_percent(percent: RangeInclusive<i64>) |service, at| service.healthy_percent = at.set(percent);
        /// Sets after how many failed tasks a deployment is rolled back. Without it ECS chooses the number.
        ///
        /// ```rhai
        /// service.circuit_breaker(5)
        /// ```
        fn circuit_breaker(threshold: i64) |service, at| service.circuit_breaker = at.set(threshold);
        /// Disables the deployment circuit breaker: ECS retries a failing deployment without limit.
        ///
        /// ```rhai
        /// service.no_circuit_breaker()
        /// ```
        fn no_circuit_breaker() |service, at| service.no_circuit_breaker = at.flag();
        /// Replaces the tasks one after the other within `.healthy_percent`, as ECS does without a strategy.
        ///
        /// ```rhai
        /// service.rolling()
        /// ```
        fn rolling() |service, at| service.strategy.push(at.put(DeploymentStrategy::new(StrategyKind::Rolling)));
        /// Deploys blue/green: starts all new tasks next to the old ones, shifts all traffic to them at once, and stops the old ones
        /// after the bake time of 10 minutes.
        ///
        /// Each target group gets an alternate one, the load balancer a rule whose weights ECS changes, and the service a role for
        /// it. During a deployment twice as many tasks run.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).blue_green()
        /// ```
        fn blue_green() |service, at| service.strategy.push(at.put(DeploymentStrategy::new(StrategyKind::BlueGreen)));
        /// Deploys blue/green with another bake time, a listener for tests, or functions that judge the new tasks.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).blue_green(TrafficShift().bake(300))
        /// ```
        fn blue_green(shift: Rc<TrafficShift>) |service, at| {
            service.strategy.push(at.put(shifted(StrategyKind::BlueGreen, &shift)));
        };
        /// Shifts a part of the traffic (in percent, 0.1 to 100) to the new tasks, and the rest after these seconds (whole minutes).
        ///
        /// ```rhai
        /// service.port(80).behind(alb).canary(10, 600)
        /// ```
        fn canary(percent: f64, seconds: i64) |service, at| {
            let kind = StrategyKind::Canary(TrafficStep { percent, seconds });
            service.strategy.push(at.put(DeploymentStrategy::new(kind)));
        };
        /// Shifts a part of the traffic first, with another bake time, a listener for tests, or functions that judge the new tasks.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).canary(5, 300, TrafficShift().bake(900))
        /// ```
        fn canary(percent: f64, seconds: i64, shift: Rc<TrafficShift>) |service, at| {
            service.strategy.push(at.put(shifted(StrategyKind::Canary(TrafficStep { percent, seconds }), &shift)));
        };
        /// Shifts the traffic in equal parts (in percent, 3 to 100), with these seconds (whole minutes) between two parts.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).linear(25, 120)
        /// ```
        fn linear(percent: f64, seconds: i64) |service, at| {
            let kind = StrategyKind::Linear(TrafficStep { percent, seconds });
            service.strategy.push(at.put(DeploymentStrategy::new(kind)));
        };
        /// Shifts the traffic in equal parts, with another bake time, a listener for tests, or functions that judge the new tasks.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).linear(50, 300, TrafficShift().bake(0))
        /// ```
        fn linear(percent: f64, seconds: i64, shift: Rc<TrafficShift>) |service, at| {
            service.strategy.push(at.put(shifted(StrategyKind::Linear(TrafficStep { percent, seconds }), &shift)));
        };
        /// Completes a rolling deployment when these percent of the new tasks are healthy, and lets ECS start the rest and stop the
        /// old ones afterwards. It cannot be below the minimum of `.healthy_percent`.
        ///
        /// ```rhai
        /// service.count(10).healthy_percent(80..=200).early_success(90)
        /// ```
        fn early_success(percent: i64) |service, at| {
            service.early_success = at.set(EarlySuccess { percent, cleanup: "deferred".to_owned() });
        };
        /// Completes a rolling deployment early: with `blocking` when the old tasks have stopped too, with `deferred` before.
        ///
        /// ```rhai
        /// service.count(10).healthy_percent(80..=200).early_success(90, "blocking")
        /// ```
        #[one_of = EarlySuccess::CLEANUPS]
        fn early_success(percent: i64, cleanup: String) |service, at| {
            service.early_success = at.set(EarlySuccess { percent, cleanup });
        };
        /// Rolls a deployment back when this CloudWatch alarm goes off.
        ///
        /// ```rhai
        /// service.alarm("web-errors")
        /// ```
        #[adds = "an alarm"]
        fn alarm(name: TemplateString) |service, at| service.alarm.push(at.put(name));
        /// Adds the usual alarms, which notify a topic when they go off and when they end.
        ///
        /// They watch for each load balancer the rate of 5xx responses (over 5% of 20 or more requests a minute) and unhealthy
        /// targets; the number of running tasks (below the minimum of the scaling, or the count), CPU and memory (over 85%); for
        /// each linked queue that the service reads the age of the oldest message (over 900 seconds) and its dead-letter queue.
        /// Three of five minutes decide. Container Insights is not needed: each running task sends one value of its CPU a minute,
        /// which are counted. The alarms about 5xx and unhealthy targets also roll a deployment back; CPU and memory rise whenever
        /// tasks start, and too few tasks are the matter of the circuit breaker.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).alarms(Topic("Alerts").email("ops@example.com"))
        /// ```
        fn alarms(topic: Rc<Topic>) |service, at| service.alarms = at.set(AlarmSet::new(topic));
        /// Adds the usual alarms with other thresholds: `errors`, `cpu` and `memory` in percent, `unhealthy` in targets, `running`
        /// in tasks, `queue_age` in seconds, `dead_letters` in messages. `false` leaves an alarm out.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).alarms(Topic("Alerts"), #{ errors: 1, cpu: 95, memory: false })
        /// ```
        fn alarms(topic: Rc<Topic>, thresholds: Properties) |service, at| {
            let Properties(thresholds, origins) = thresholds;
            service.alarms = at.set(AlarmSet { thresholds, origins: origins.into(), ..AlarmSet::new(topic) });
        };
        /// Runs a command or a `Job` once before the services of the stack change: migrations, for example.
        ///
        /// `deploy` first creates or updates what it needs, and leaves the services as they are. Then the task runs with the new image
        /// in the network of the service, and its log is shown. If it exits with 0, the services change. Otherwise everything is
        /// restored, and the old version keeps running. A command runs in a copy of the task definition, with the roles, variables and
        /// secrets of the service. It runs if its task definition changes.
        ///
        /// ```rhai
        /// service.before_deploy(["python", "manage.py", "migrate"])
        /// ```
        #[adds = "a job"]
        fn before_deploy(job: BeforeDeploy) |service, at| service.before_deploy.push(at.put(job));
    };

    const GETTERS: &'static [Getter<Self>] = getters! {
        /// The ARN of the target group with which the service is registered with a load balancer.
        ///
        /// ```rhai
        /// let web = service.port(80).behind(alb);
        /// Stack("web").add(web).output("TargetGroup", web.target_group(alb))
        /// ```
        fn target_group(alb: Rc<Alb>) |service| to_dynamic(service.target_group_arn(&alb).into());
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The physical name of the service.
        ///
        /// ```rhai
        /// Stack("web").add(service).output("Service", service.name)
        /// ```
        name |service| service.name();
        /// The ARN of the service.
        ///
        /// ```rhai
        /// Stack("web").add(service).output("Service", service.arn)
        /// ```
        arn |service| service.arn();
        /// The id of the service's security group.
        ///
        /// ```rhai
        /// // Lets it call a database that the script does not make.
        /// Stack("web").add(service)
        ///     .add(AWS::EC2::SecurityGroupIngress("ToDatabase", #{
        ///         GroupId: "sg-0a1b2c3d4e5f60718",
        ///         IpProtocol: "tcp",
        ///         FromPort: 5432,
        ///         ToPort: 5432,
        ///         SourceSecurityGroupId: service.security_group_id,
        ///     }))
        /// ```
        security_group_id |service| service.security_group_id();
        /// The ARN of the task role.
        ///
        /// ```rhai
        /// // Who may use it is said in the policy of a key.
        /// Stack("web").add(service).output("Role", service.task_role_arn)
        /// ```
        task_role_arn |service| service.task.task_role_arn();
        /// The ARN of the execution role, with which ECS starts a task.
        ///
        /// ```rhai
        /// Stack("web").add(service).output("ExecutionRole", service.execution_role_arn)
        /// ```
        execution_role_arn |service| service.task.execution_role_arn();
        /// The ARN of the task definition.
        ///
        /// ```rhai
        /// Stack("web").add(service).output("TaskDefinition", service.task_definition)
        /// ```
        task_definition |service| service.task.definition_arn();
        /// The name of the main container.
        ///
        /// ```rhai
        /// Stack("web").add(service).output("Container", service.container_name)
        /// ```
        container_name |service| service.task.main.name.value.as_str();
        /// The name of the log group.
        ///
        /// ```rhai
        /// Stack("web").add(service).output("Logs", service.log_group)
        /// ```
        log_group |service| service.task.log_group();
    };
}
