use std::rc::Rc;

use super::container_setters::{ContainerSetters, HasContainer};
use super::task_setters::{HasTask, TaskSetters};
use crate::block::{Container, FargateService, ImageSource, Job, JobSchedule, Name, ServiceCall, TargetPort, Task};
use crate::script::declaration::{
    Function, Method, Property, ScriptType, SharedSetters, functions, methods, properties,
};

impl HasContainer for Job {
    fn container(&mut self) -> &mut Container {
        &mut self.task.main
    }
}

impl HasTask for Job {
    fn task(&mut self) -> &mut Task {
        &mut self.task
    }
}

impl ScriptType for Job {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a job: a task on Fargate that ends. It is started by its schedules, by `run-task`, or before a deployment
        /// (`FargateService.before_deploy`).
        ///
        /// ```rhai
        /// Job("Clean").image("ghcr.io/acme/shop:1.4.2").command(["python", "-m", "shop.clean"]).schedule("rate(1 day)")
        /// ```
        fn Job(name: Name) |at| Job::new(at.put(name));
    };

    const VARIABLE: &'static str = "job";
    const SHARED: &'static [SharedSetters<Self>] =
        &[ContainerSetters::BASIC, ContainerSetters::MORE, TaskSetters::BASIC, TaskSetters::MORE];

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the image of the main container: `ghcr.io/owner/name:tag`, or `Image::build(folder)`.
        ///
        /// ```rhai
        /// Job("Clean").image("ghcr.io/acme/shop:1.4.2")
        /// ```
        fn image(image: ImageSource) |job, at| job.task.main.image = at.set(image);
        /// Starts the job at times, in UTC: `cron(minutes hours day month weekday year)`, `rate(1 day)` or
        /// `at(2027-01-31T06:00:00)`. EventBridge Scheduler starts the task.
        ///
        /// ```rhai
        /// job.schedule("cron(0 3 * * ? *)")
        /// ```
        #[adds = "a schedule"]
        fn schedule(expression: String) |job, at| {
            job.schedule.push(at.put(JobSchedule { name: None, expression, time_zone: None }));
        };
        /// Starts the job at times in a time zone, summer time included.
        ///
        /// ```rhai
        /// job.schedule("cron(0 3 * * ? *)", "Europe/Zurich")
        /// ```
        #[adds = "a schedule"]
        fn schedule(expression: String, time_zone: String) |job, at| {
            job.schedule.push(at.put(JobSchedule { name: None, expression, time_zone: Some(time_zone) }));
        };
        /// Starts the job at times in a time zone, with a name for the schedule. A job with several schedules names all of them but
        /// one.
        ///
        /// ```rhai
        /// job.schedule("Weekly", "cron(0 4 ? * SUN *)", "Europe/Zurich")
        /// ```
        #[adds = "a schedule"]
        fn schedule(name: Name, expression: String, time_zone: String) |job, at| {
            job.schedule.push(at.put(JobSchedule { name: Some(name), expression, time_zone: Some(time_zone) }));
        };
        /// Lets the job call a service: adds a rule to its security group, and creates the job after it. Repeatable. The names of
        /// Service Connect are for services only: a job calls a load balancer, or a name of service discovery.
        ///
        /// ```rhai
        /// let api = FargateService("Api").image("ghcr.io/example/api:1.0.0").port(9000);
        /// Stack("web").add([api, job.calls(api)])
        /// ```
        #[adds = "a service"]
        fn calls(called: Rc<FargateService>) |job, at| {
            job.calls.push(at.put(ServiceCall { service: called.into(), port: None }));
        };
        /// Lets the job call a port of a service, given by its number or name. Repeatable.
        ///
        /// ```rhai
        /// let api = FargateService("Api").image("ghcr.io/example/api:1.0.0").port("http", 80).port("admin", 9000);
        /// Stack("web").add([api, job.calls(api, "admin")])
        /// ```
        #[adds = "a service"]
        fn calls(called: Rc<FargateService>, port: TargetPort) |job, at| {
            job.calls.push(at.put(ServiceCall { service: called.into(), port: Some(port) }));
        };
        /// Sets how often Scheduler tries again to start a task, from 0 to 185, within 24 hours. It tries again if the start is
        /// refused, and not if the program of the task fails.
        ///
        /// ```rhai
        /// job.schedule("rate(1 day)").retries(3)
        /// ```
        #[default = "185"]
        fn retries(times: i64) |job, at| job.retries = at.set(times);
        /// Sets the seconds after which a task is stopped that runs before a deployment. Tasks that a schedule starts have no
        /// limit: ECS has none.
        ///
        /// ```rhai
        /// job.timeout(900)
        /// ```
        #[default = "3600"]
        fn timeout(seconds: i64) |job, at| job.timeout = at.set(seconds);
        /// Creates a queue for the starts that failed for good, kept for 14 days. A program that fails is not among them.
        ///
        /// ```rhai
        /// job.schedule("rate(1 day)").retries(3).dead_letter()
        /// ```
        fn dead_letter() |job, at| job.dead_letter = at.flag();
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The ARN of its task definition.
        ///
        /// ```rhai
        /// Stack("jobs").add(job).output("TaskDefinition", job.task_definition)
        /// ```
        task_definition |job| job.task_definition();
        /// The id of its security group.
        ///
        /// ```rhai
        /// Stack("jobs").add(job).output("SecurityGroup", job.security_group_id)
        /// ```
        security_group_id |job| job.security_group_id();
        /// The ARN of its task role.
        ///
        /// ```rhai
        /// Stack("jobs").add(job).output("Role", job.task_role_arn)
        /// ```
        task_role_arn |job| job.task.task_role_arn();
        /// The ARN of its execution role, with which ECS starts the task.
        ///
        /// ```rhai
        /// Stack("jobs").add(job).output("ExecutionRole", job.execution_role_arn)
        /// ```
        execution_role_arn |job| job.task.execution_role_arn();
    };
}
