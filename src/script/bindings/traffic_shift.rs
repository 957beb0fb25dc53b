use crate::block::{DeploymentHook, DeploymentPause, TrafficShift};
use crate::cfn::TemplateString;
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for TrafficShift {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates the settings of a deployment that shifts traffic to new tasks, for `.blue_green`, `.canary` and `.linear`.
        ///
        /// ```rhai
        /// TrafficShift().bake(900)
        /// ```
        fn TrafficShift() |_at| TrafficShift::default();
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the seconds for which the old tasks still run after all traffic was shifted, in whole minutes, at most 86400. An alarm
        /// that goes off meanwhile shifts the traffic back.
        ///
        /// ```rhai
        /// shift.bake(1800)
        /// ```
        #[default = "600"]
        fn bake(seconds: i64) |shift, at| shift.bake = at.set(seconds);
        /// Sets the port of a listener of the load balancer that is for tests: its requests reach the new tasks before those of
        /// users do. Other services do not answer there.
        ///
        /// ```rhai
        /// let edge = Alb("Edge").listen(80).listen(9000);
        /// Stack("web").add(service.port(80).behind(edge).blue_green(TrafficShift().test_listener(9000)))
        /// ```
        fn test_listener(port: i64) |shift, at| shift.test_listener = at.set(port);
        /// Calls a Lambda function at a stage of each deployment: it answers with a `hookStatus`, and `FAILED` rolls the
        /// deployment back. Takes the ARN of a function, or an `AWS::Lambda::Function` of the script.
        ///
        /// ```rhai
        /// shift.hook("arn:aws:lambda:eu-central-1:123456789012:function:smoke-test", "POST_TEST_TRAFFIC_SHIFT")
        /// ```
        #[adds = "a hook"]
        #[one_of = DeploymentHook::STAGES]
        fn hook(function: TemplateString, stage: String) |shift, at| {
            shift.hook.push(at.put(DeploymentHook { function, stage }));
        };
        /// Lets each deployment wait at a stage for 24 hours, until a person or another system continues it with
        /// `ContinueServiceDeployment`. Without an answer it is rolled back.
        ///
        /// ```rhai
        /// shift.pause("POST_TEST_TRAFFIC_SHIFT")
        /// ```
        #[adds = "a pause"]
        #[one_of = DeploymentHook::STAGES]
        fn pause(stage: String) |shift, at| {
            shift.pause.push(at.put(DeploymentPause { stage, seconds: None, then: None }));
        };
        /// Lets each deployment wait at a stage for these seconds, in whole minutes, at most 1209600 (two weeks). Without an answer in this
        /// time it is rolled back, or continued.
        ///
        /// ```rhai
        /// shift.pause("PRE_PRODUCTION_TRAFFIC_SHIFT", 3600, "continue")
        /// ```
        #[adds = "a pause"]
        fn pause(stage: String, seconds: i64, then: String) |shift, at| {
            shift.pause.push(at.put(DeploymentPause { stage, seconds: Some(seconds), then: Some(then) }));
        };
        /// Sends the calls of other services that have this header with this value to the new tasks before the rest: calls by Service
        /// Connect. Requests through a load balancer are tested with `.test_listener`.
        ///
        /// ```rhai
        /// let cluster = Cluster("Apps").namespace("apps.internal");
        /// let prices = FargateService("Prices").cluster(cluster).image("ghcr.io/acme/prices:2.0.1").port(9000);
        /// let shift = TrafficShift().test_header("x-version", "next");
        /// Stack("shop").add(prices.blue_green(shift))
        /// ```
        #[default = "`x-amzn-ecs-blue-green-test`"]
        fn test_header(name: String, value: String) |shift, at| shift.test_header = at.set((name, value));
    };
}
