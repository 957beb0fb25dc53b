use super::container_setters::{ContainerSetters, HasContainer};
use super::task_setters::{HasTask, TaskSetters};
use crate::block::{Container, ExpressService, ImageSource, Name, Scaling, Task};
use crate::cfn::TemplateString;
use crate::script::declaration::{
    Function, Method, Property, ScriptType, SharedSetters, functions, methods, properties,
};
use std::rc::Rc;

impl HasContainer for ExpressService {
    fn container(&mut self) -> &mut Container {
        &mut self.task.main
    }
}

impl HasTask for ExpressService {
    fn task(&mut self) -> &mut Task {
        &mut self.task
    }
}

impl ScriptType for ExpressService {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a service of ECS Express Mode: a container on Fargate with HTTPS. ECS manages the load balancer, which up to 25
        /// such services of a network share, its certificate and host name, scaling, and canary deployments.
        ///
        /// The tasks run in public subnets with a public load balancer; `.subnets("private")` makes both internal.
        ///
        /// ```rhai
        /// let web = ExpressService("Web").image("nginx:1.29");
        /// Stack("web").add(web).output("Url", web.url)
        /// ```
        fn ExpressService(name: Name) |at| ExpressService::new(at.put(name));
    };

    const VARIABLE: &'static str = "express";
    const SHARED: &'static [SharedSetters<Self>] = &[TaskSetters::BASIC, ContainerSetters::BASIC];

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the image of the container: `ghcr.io/owner/name:tag`, or `Image::build(folder)`.
        ///
        /// ```rhai
        /// ExpressService("Web").image("public.ecr.aws/nginx/nginx:1.29")
        /// ```
        fn image(image: ImageSource) |express, at| express.task.main.image = at.set(image);
        /// Sets the path of the load balancer's health check.
        ///
        /// ```rhai
        /// express.health_check("/healthz")
        /// ```
        #[default = "/"]
        fn health_check(path: TemplateString) |express, at| express.health_check = at.set(path);
        /// Sets the range of tasks, and one metric that changes their number: `.cpu`, `.memory` or `.requests_per_target`.
        ///
        /// ```rhai
        /// express.scaling(Scaling(2..=10).memory(70))
        /// ```
        #[default = "1 to 20 tasks, at 60 % of their CPU"]
        fn scaling(scaling: Rc<Scaling>) |express, at| express.scaling = at.set((*scaling).clone());
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The address that users open, with HTTPS.
        ///
        /// ```rhai
        /// Stack("web").add(express).output("Url", express.url)
        /// ```
        url |express| express.url();
        /// The host name that ECS gives the service.
        ///
        /// ```rhai
        /// Stack("web").add(express).output("Endpoint", express.endpoint)
        /// ```
        endpoint |express| express.endpoint();
        /// The ARN of the service.
        ///
        /// ```rhai
        /// Stack("web").add(express).output("Service", express.arn)
        /// ```
        arn |express| express.arn();
        /// The id of its own security group, which ECS adds to the one that it creates.
        ///
        /// ```rhai
        /// Stack("web").add(express).output("SecurityGroup", express.security_group_id)
        /// ```
        security_group_id |express| express.security_group_id();
        /// The ARN of its task role.
        ///
        /// ```rhai
        /// Stack("web").add(express).output("Role", express.task_role_arn)
        /// ```
        task_role_arn |express| express.task.task_role_arn();
        /// The ARN of its execution role, with which ECS starts tasks.
        ///
        /// ```rhai
        /// Stack("web").add(express).output("ExecutionRole", express.execution_role_arn)
        /// ```
        execution_role_arn |express| express.task.execution_role_arn();
        /// The name of its log group.
        ///
        /// ```rhai
        /// Stack("web").add(express).output("Logs", express.log_group)
        /// ```
        log_group |express| express.task.log_group();
    };
}
