use std::ops::RangeInclusive;
use std::rc::Rc;

use super::container_setters::{ContainerSetters, HasContainer};
use super::task_setters::{HasTask, TaskSetters};
use crate::block::{
    Alb, AllowedSource, Container, FargateService, Gunicorn, ImageSource, IntOrRef, LoadBalancerAttachment, Name,
    Scaling, Task,
};
use crate::cfn::TemplateString;
use crate::script::convert::{HealthCheckArg, RouteArg, SourceArg};
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
    const SHARED: &'static [SharedSetters<Self>] = &[TaskSetters::ALL, ContainerSetters::ALL];

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
        /// Registers the service with a load balancer as its default target.
        ///
        /// ```rhai
        /// service.port(8080).behind(alb)
        /// ```
        #[adds = "a load balancer"]
        fn behind(alb: Rc<Alb>) |service, at| service.behind.push(at.put(LoadBalancerAttachment { alb, route: None }));
        /// Registers the service with a load balancer for requests that match a path (`/api/*`) or a `Route()`.
        ///
        /// ```rhai
        /// service.port(8080).behind(alb, "/api/*")
        /// ```
        #[adds = "a route"]
        fn behind(alb: Rc<Alb>, route: RouteArg) |service, at| {
            service.behind.push(at.put(LoadBalancerAttachment { alb, route: Some(route.0) }));
        };
        /// Sets how the load balancer checks the health of a task: a path, or a `HealthCheck(path)`.
        ///
        /// ```rhai
        /// service.port(80).behind(alb).health_check(HealthCheck("/health").interval(30).timeout(5))
        /// ```
        fn health_check(check: HealthCheckArg) |service, at| service.health_check = at.set(check.0);
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
        fn calls(called: Rc<FargateService>) |service, at| service.calls.push(at.put(called));
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
        fn drain(seconds: i64) |service, at| service.drain = at.set(seconds);
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
        /// Rolls a deployment back when this CloudWatch alarm goes off.
        ///
        /// ```rhai
        /// service.alarm("web-errors")
        /// ```
        #[adds = "an alarm"]
        fn alarm(name: TemplateString) |service, at| service.alarm.push(at.put(name));
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
