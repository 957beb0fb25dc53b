//! The codes of diagnostics: each kind of problem with its severity and its title.

use std::fmt;

use super::Severity;

/// Declares every code in one table: variant, default severity, name and title.
macro_rules! codes {
    ($($variant:ident $severity:ident $name:literal $title:literal)*) => {
        /// Identifies a kind of problem. `rtiler explain CODE` prints the page about it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the title of each code is its documentation")]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// Every code, in alphabetical order of the names.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the stable name, in kebab-case: `fargate-size`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Returns the title: the kind of problem in one line.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)*
                }
            }

            /// Returns the severity of a problem of this kind, unless its diagnostic sets another one.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity,)*
                }
            }
        }
    };
}

codes! {
    AccessLogsBucket Error "access-logs-bucket" "a load balancer cannot write its access logs"
    AccountId Error "account-id" "an account id is not twelve digits"
    ActionResource Warning "action-resource" "a resource does not fit the actions of its statement"
    AlbTwoNetworks Error "alb-two-networks" "a service and its load balancer are in different networks"
    AlbWithoutNetwork Error "alb-without-network" "a load balancer has no VPC"
    AlbZones Error "alb-zones" "a load balancer has subnets in fewer than two zones"
    AmbiguousReference Error "ambiguous-reference" "a reference matches blocks in several stacks"
    AmbiguousRouteOrder Error "ambiguous-route-order" "nothing decides the order of two routes that match the same requests"
    AmbiguousService Error "ambiguous-service" "several services of the script have this name"
    Arithmetic Error "arithmetic" "a calculation overflows or divides by zero"
    ArnForm Error "arn-form" "a property takes the ARN of something else"
    AttributeRange Error "attribute-range" "a target group attribute is out of range"
    AvailabilityZones Error "availability-zones" "the number of availability zones is not valid"
    AwsAccessDenied Error "aws-access-denied" "the credentials lack a permission"
    AwsClockSkew Error "aws-clock-skew" "the clock of this machine is wrong"
    AwsCredentialsExpired Error "aws-credentials-expired" "the AWS credentials have expired"
    AwsInternalFailure Error "aws-internal-failure" "an AWS service failed internally"
    AwsLimit Error "aws-limit" "an account quota is reached"
    AwsNoCredentials Error "aws-no-credentials" "no valid AWS credentials were found"
    AwsNoRegion Error "aws-no-region" "no AWS region is set"
    AwsOddAnswer Error "aws-odd-answer" "something other than AWS answered"
    AwsRefused Error "aws-refused" "AWS rejected a request"
    AwsThrottled Error "aws-throttled" "AWS throttled the requests"
    AwsUnavailable Error "aws-unavailable" "an AWS service is temporarily unavailable"
    AwsUnreachable Error "aws-unreachable" "AWS does not answer"
    AzsWithNetwork Error "azs-with-network" "`.azs` has no effect on a cluster whose VPC is set"
    BlockName Error "block-name" "a name cannot become a logical id"
    BucketAcl Error "bucket-acl" "a bucket has an ACL, but new buckets do not accept ACLs"
    CannotSkip Error "cannot-skip" "a resource cannot be skipped in a rollback"
    CertificateArn Error "certificate-arn" "a certificate is not identified by its ARN"
    ChangeSetFailed Error "change-set-failed" "CloudFormation could not create a change set"
    ChangedAfterUse Error "changed-after-use" "a block is changed after something used it"
    Cidr Error "cidr" "a CIDR block is malformed or has a size that AWS refuses"
    CidrTooSmall Error "cidr-too-small" "a CIDR block is too small for its subnets"
    CircuitBreaker Error "circuit-breaker" "ECS refuses this circuit breaker threshold"
    CircularDependency Error "circular-dependency" "resources depend on each other in a circle"
    ClosedService Warning "closed-service" "a type belongs to a service that AWS has closed"
    ClusterWithoutNetwork Error "cluster-without-network" "an existing cluster is used without a VPC"
    CommandLine Error "command-line" "the command line is not valid, or a question on it has no answer"
    CommandNotSplit Error "command-not-split" "a command is one string instead of a list of words"
    ConditionReference Error "condition-reference" "a condition refers to a resource"
    ConditionShape Error "condition-shape" "a condition is not a boolean expression"
    ConditionalDependency Error "conditional-dependency" "a resource depends on one that may not exist"
    ConditionalReference Warning "conditional-reference" "an unconditional resource refers to a conditional one"
    ConflictingVersions Error "conflicting-versions" "two versions of a block are referenced, and neither is in the stack"
    ConnectionLost Error "connection-lost" "the connection to AWS was lost during a deployment"
    ContainerCondition Error "container-condition" "a container waits for a condition that can never be met"
    ContainerDependency Error "container-dependency" "a container dependency can never be satisfied"
    ContainerHealthCheck Error "container-health-check" "a container health check has a malformed command"
    ContainerSize Error "container-size" "the containers need more CPU or memory than their task has"
    ContainerUser Error "container-user" "the user of a container is empty"
    CountWithScaling Warning "count-with-scaling" "`.count` is set although scaling controls the number of tasks"
    CutOffRequests Warning "cut-off-requests" "requests may take longer than a stopping task waits for them"
    CyclicImport Error "cyclic-import" "files import each other in a circle"
    DataLoss Error "data-loss" "a deployment would lose data"
    DatabaseEngine Error "database-engine" "a database engine or version is not offered any more"
    DeferredValue Error "deferred-value" "a value is needed at synthesis but only known at deployment"
    DeploymentCancelled Error "deployment-cancelled" "the deployment was cancelled"
    DeploymentController Error "deployment-controller" "the circuit breaker needs the ECS deployment controller"
    DeploymentPercent Error "deployment-percent" "the deployment limits leave no room to replace a task"
    DeploymentTimedOut Error "deployment-timed-out" "a deployment took longer than `--timeout`"
    DescriptionLength Error "description-length" "a description is longer than 1,024 bytes"
    DesiredCountOutsideScaling Warning "desired-count-outside-scaling" "a desired count is outside the scaling range"
    Detached Warning "detached" "the operation was left running"
    DnsRecord Error "dns-record" "a record does not fit its type"
    Drift Warning "drift" "a resource was changed or deleted outside of CloudFormation"
    DualStackSubnets Error "dualstack-subnets" "a dual-stack load balancer is in subnets without IPv6"
    DuplicateContainer Error "duplicate-container" "two containers of a task have the same name"
    DuplicateItem Error "duplicate-item" "a list has the same item twice"
    DuplicateKey Error "duplicate-key" "an object has the same key twice"
    DuplicateListenerPort Error "duplicate-listener-port" "two listeners of a load balancer use the same port"
    DuplicateName Error "duplicate-name" "two different blocks have the same name"
    DuplicateOutput Error "duplicate-output" "two outputs of a stack have the same name"
    DuplicatePhysicalName Error "duplicate-physical-name" "two resources of a type have the same name"
    DuplicatePort Error "duplicate-port" "two containers of a task use the same port"
    DuplicateRoute Error "duplicate-route" "a route table has the same destination twice"
    DuplicateRoutePriority Error "duplicate-route-priority" "two rules of a listener have the same priority"
    DuplicateSchedule Error "duplicate-schedule" "two scaling schedules have the same name"
    DuplicateStack Error "duplicate-stack" "two stacks have the same name"
    DuplicateVariable Error "duplicate-variable" "an environment variable is set twice"
    DynamicReference Error "dynamic-reference" "a dynamic reference is malformed"
    EcsQuota Error "ecs-quota" "a list is longer than ECS allows"
    EfsMountTarget Error "efs-mount-target" "a file system cannot be mounted by its tasks"
    EfsPath Error "efs-path" "a mount path is not absolute"
    EmptyRepository Warning "empty-repository" "a service needs an image of a repository that is still empty"
    EmptyRoute Error "empty-route" "a route has no condition"
    EmptyStack Error "empty-stack" "a stack contains nothing"
    EndpointType Error "endpoint-type" "a VPC endpoint has settings of another type of endpoint"
    EnvFile Error "env-file" "a line of an env file is malformed"
    EphemeralStorage Error "ephemeral-storage" "the ephemeral storage of a task is out of range"
    ExclusiveProperties Error "exclusive-properties" "properties that exclude each other are both set"
    ExecDisabled Error "exec-disabled" "ECS Exec is not enabled for the service"
    ExecReadOnlyRoot Error "exec-read-only-root" "ECS Exec needs a writable root file system"
    ExistingCluster Error "existing-cluster" "a setter would change an existing cluster"
    ExistingNetwork Error "existing-network" "a setter does not fit an existing network"
    ExportInUse Error "export-in-use" "an export cannot change while another stack imports it"
    ExportName Error "export-name" "the name of an export is not a constant, or is used twice"
    FargateLogDriver Error "fargate-log-driver" "Fargate does not support this log driver"
    FargateNetworkMode Error "fargate-network-mode" "Fargate needs the network mode `awsvpc`"
    FargateSize Error "fargate-size" "Fargate does not offer this combination of CPU and memory"
    FargateUnsupported Error "fargate-unsupported" "Fargate does not support this setting"
    FaultValue Error "fault-value" "a `--fault` has a value that is not valid"
    FileExists Error "file-exists" "a file already exists"
    FileMissing Error "file-missing" "a file or module does not exist"
    FileOutside Error "file-outside" "an import leads out of the project folder"
    FileUnreadable Error "file-unreadable" "a file cannot be read"
    FileUnwritable Error "file-unwritable" "a file cannot be written"
    FixedNameReplaced Error "fixed-name-replaced" "a resource with a fixed name would be replaced"
    FormatUnsafe Error "format-unsafe" "a script cannot be formatted without changing its meaning"
    FunctionArgument Error "function-argument" "an intrinsic function has wrong arguments"
    GatewayAttachedTwice Error "gateway-attached-twice" "a gateway has two VPCs, or a VPC two gateways"
    GatewayAttachment Warning "gateway-attachment" "a route may be created before its internet gateway is attached"
    GracePeriod Error "grace-period" "a grace period is out of range, or has no load balancer"
    GunicornMaxWorkers Warning "gunicorn-max-workers" "the limit of Gunicorn workers has no effect"
    GunicornSetting Error "gunicorn-setting" "a Gunicorn setting is negative"
    GunicornWorkers Warning "gunicorn-workers" "there are more Gunicorn workers than the CPU can run"
    HealthCheckCodes Error "health-check-codes" "a load balancer does not take these health check codes"
    HealthCheckPath Error "health-check-path" "a health check path does not begin with `/`"
    HealthCheckPort Error "health-check-port" "a fixed health check port is used with dynamic host ports"
    HealthCheckRange Error "health-check-range" "a health check value is out of range"
    HealthCheckSetting Error "health-check-setting" "a health check setting does not apply to this kind of check"
    HealthCheckTimeout Error "health-check-timeout" "a health check timeout is not below its interval"
    HealthyPercent Error "healthy-percent" "the deployment limits leave no room to replace a task"
    HostPort Error "host-port" "a host port differs from its container port"
    HostedZoneId Error "hosted-zone-id" "a hosted zone is not identified by its id"
    HotswapIncomplete Warning "hotswap-incomplete" "a hotswap does not reach what starts tasks by itself"
    HotswapNotDeployed Error "hotswap-not-deployed" "there is no deployed service to hotswap"
    HotswapUnresolved Error "hotswap-unresolved" "a value cannot be resolved for a hotswap"
    HotswapUnsupportedChange Error "hotswap-unsupported-change" "a hotswap would change more than images and environments"
    HttpsWithoutCertificate Error "https-without-certificate" "HTTPS is used without a certificate"
    IdleTimeout Error "idle-timeout" "an idle timeout is out of range"
    ImageArchitecture Warning "image-architecture" "an image is for another processor than its task"
    ImageBuild Error "image-build" "building images is not supported yet"
    ImportArgument Error "import-argument" "an argument of `import` is malformed"
    ImportWithoutPolicy Error "import-without-policy" "a resource to import has no deletion policy"
    InterfaceMetadata Warning "interface-metadata" "metadata about parameters has no effect"
    InvalidAssumption Error "invalid-assumption" "an assumption of a rehearsal has the wrong form, or no effect"
    InvalidCidr Error "invalid-cidr" "a string is not a CIDR block"
    Ipv6Block Error "ipv6-block" "an IPv6 block is missing or has a wrong size"
    KeySchema Error "key-schema" "the keys of a table do not fit its attribute definitions"
    LambdaAlias Error "lambda-alias" "an alias does not fit the version of its function"
    LambdaVersion Warning "lambda-version" "two versions of a function have the same code"
    LaunchType Error "launch-type" "the launch settings of a service conflict"
    LeftoverResources Warning "leftover-resources" "a stack is updated, but old resources could not be deleted"
    LimitArray Error "limit-array" "an array is larger than a script may make"
    LimitBlocks Error "limit-blocks" "a script makes too many values"
    LimitCalls Error "limit-calls" "function calls are nested too deeply"
    LimitDepth Error "limit-depth" "an expression is nested too deeply"
    LimitLiteral Error "limit-literal" "a literal is too large"
    LimitMap Error "limit-map" "a map is larger than a script may make"
    LimitMemory Error "limit-memory" "a script uses too much memory"
    LimitModules Error "limit-modules" "a script imports too many modules"
    LimitOperations Error "limit-operations" "a script executes too many operations"
    LimitSource Error "limit-source" "a script file is too large"
    LimitString Error "limit-string" "a string is longer than a script may make"
    LimitTime Error "limit-time" "a script runs too long"
    LimitValue Error "limit-value" "a value is too large or nested too deeply"
    LimitVariables Error "limit-variables" "a script has too many variables"
    ListenerAction Error "listener-action" "the actions of a listener or rule conflict"
    ListenerDependency Error "listener-dependency" "a service may be created before its target group has a listener"
    ListenerProtocol Error "listener-protocol" "this type of load balancer does not support this protocol"
    ListenerWithoutTasks Warning "listener-without-tasks" "a listener forwards to a target group before tasks are in it"
    LogLevel Warning "log-level" "Gunicorn does not know this log level"
    LogOptions Error "log-options" "a required log driver option is missing"
    LogPattern Error "log-pattern" "the pattern of `--grep` is not a regular expression"
    LogRetention Error "log-retention" "CloudWatch Logs does not offer this retention"
    LogicalId Error "logical-id" "a logical id has characters that are not allowed"
    LowRequestTarget Warning "low-request-target" "a service scales out at less than one request per second"
    MacroNotChecked Warning "macro-not-checked" "a macro rewrites the template, so the rest was not checked"
    MappingShape Error "mapping-shape" "a mapping does not have two levels of keys"
    MisplacedFunction Error "misplaced-function" "an intrinsic function is not allowed in this section"
    MisplacedPolicy Error "misplaced-policy" "an attribute is set on a type that does not support it"
    MissingCertificate Error "missing-certificate" "an HTTPS or TLS listener has no certificate"
    MissingEndpoint Warning "missing-endpoint" "tasks in a private network lack an endpoint that they need"
    MissingExecutionRole Error "missing-execution-role" "a Fargate task has no execution role"
    MissingImage Error "missing-image" "a container or instance has no image"
    MissingParameter Error "missing-parameter" "a template parameter has no value"
    MissingProperty Error "missing-property" "a required property is missing"
    MissingSub Error "missing-sub" "`${Name}` is in a plain string, where it is not replaced"
    MissingSubnets Error "missing-subnets" "the network has no subnets of the required kind"
    MissingTransform Error "missing-transform" "a function needs a transform that the template does not declare"
    MissingType Error "missing-type" "a resource has no type"
    MutableImageTag Warning "mutable-image-tag" "an image tag can change without a deployment"
    NameClash Error "name-clash" "a parameter and a resource have the same name"
    NatGateway Error "nat-gateway" "the address of a NAT gateway does not fit its connectivity type"
    NatGateways Error "nat-gateways" "a network cannot have this number of NAT gateways"
    NetworkConfiguration Error "network-configuration" "the network settings of a service do not fit its tasks"
    NoEditor Error "no-editor" "no editor is set"
    NoEssentialContainer Error "no-essential-container" "no container of a task is essential"
    NoInternetRoute Warning "no-internet-route" "tasks have no route to the internet"
    NoInterpolation Error "no-interpolation" "double-quoted strings do not interpolate values"
    NoPreviousTemplate Error "no-previous-template" "the previous template of a stack is not available"
    NoResources Error "no-resources" "a template has no resources"
    NoRunningTask Error "no-running-task" "the service has no running task"
    NotAScript Error "not-a-script" "a file is not a script"
    NotAStack Error "not-a-stack" "a script does not end with a stack"
    NotDeployed Error "not-deployed" "the stack is not deployed"
    NotInEnum Error "not-in-enum" "a value is not one of the allowed values"
    NotText Error "not-text" "a file is binary or not UTF-8"
    NothingToRollBack Error "nothing-to-roll-back" "the stack has nothing to roll back to"
    OtherAccount Error "other-account" "a resource belongs to another account than the stack"
    OtherApi Error "other-api" "a part of an API belongs to another API"
    OutOfRange Error "out-of-range" "a number is out of range or not a multiple"
    OutputName Error "output-name" "an output name is not alphanumeric"
    OutputValue Error "output-value" "an output has no value, or its value is not a string"
    OverriddenVariable Warning "overridden-variable" "an environment variable is also set by Gunicorn's settings"
    OverrideAmbiguous Error "override-ambiguous" "an override names several resources of its block"
    OverrideLosesValues Warning "override-loses-values" "an override removes values that the block set"
    OverridePath Error "override-path" "the path of an override does not exist"
    OverrideUnknownRole Error "override-unknown-role" "an override names no resource of its block"
    ParameterDefault Error "parameter-default" "a parameter default breaks the parameter's own rules"
    ParameterFlag Error "parameter-flag" "a `--parameter` is not of the form name=value"
    ParameterRange Error "parameter-range" "no value is between the bounds of a parameter"
    ParameterType Error "parameter-type" "a parameter type is missing or does not exist"
    PatternMismatch Error "pattern-mismatch" "a string does not match the pattern of its property"
    PhysicalName Error "physical-name" "AWS does not accept this name"
    PlaintextSecret Warning "plaintext-secret" "a secret is in a template as plain text"
    PlanOutdated Error "plan-outdated" "a saved plan is out of date"
    PlanUnreadable Error "plan-unreadable" "a file is not a saved plan"
    PlanWrongAccount Error "plan-wrong-account" "a saved plan is for another account or region"
    PolicyAction Warning "policy-action" "an action of a policy has no service prefix"
    PolicyDocument Error "policy-document" "IAM would refuse this policy document"
    PolicyValue Error "policy-value" "this deletion or update policy does not exist"
    PortMismatch Warning "port-mismatch" "a command listens on another port than its container maps"
    PortRange Error "port-range" "a port is out of range"
    PrivilegedPort Warning "privileged-port" "a non-root user cannot open a port below 1024"
    ProducerDestroyed Warning "producer-destroyed" "a stack is deleted that another stack reads values from"
    ProducerNotDeployed Error "producer-not-deployed" "the stack that provides a shared value is not deployed"
    PropertyNotAllowed Error "property-not-allowed" "a property is not allowed together with the others"
    ProtectionNotSet Error "protection-not-set" "termination protection differs from the script"
    ProtocolVersion Error "protocol-version" "a listener for HTTP cannot forward gRPC or HTTP/2"
    PublicIpInPrivateSubnet Error "public-ip-in-private-subnet" "a task in a private subnet requests a public address"
    ReadOnly Error "read-only" "a script assigns to a property of a block"
    ReadOnlyProperty Warning "read-only-property" "a property is read-only"
    RecordLine Warning "record-line" "a line of a run record cannot be read"
    RecordUnreadable Error "record-unreadable" "a file is not a run record"
    RedirectLoop Error "redirect-loop" "a redirect leads to itself"
    RehearsalInUse Error "rehearsal-in-use" "another process is using the rehearsal account"
    RequestsPerTarget Error "requests-per-target" "a target of requests per task is below one"
    RequestsWithoutAlb Error "requests-without-alb" "scaling by requests needs a load balancer"
    ReservedNamespace Error "reserved-namespace" "an import has the name of a namespace of rtiler"
    ResourceAccessDenied Error "resource-access-denied" "a resource failed because a permission is missing"
    ResourceAlreadyExists Error "resource-already-exists" "a resource failed because its name is taken"
    ResourceCancelled Error "resource-cancelled" "a resource was cancelled because another one failed"
    ResourceDependencyNotFound Error "resource-dependency-not-found" "a resource refers to a resource that does not exist"
    ResourceFailed Error "resource-failed" "a resource could not be created, updated or deleted"
    ResourceInUse Error "resource-in-use" "a resource is in use and cannot be changed or deleted"
    ResourceInvalid Error "resource-invalid" "AWS refuses the properties of a resource"
    ResourceNotStable Error "resource-not-stable" "a resource did not stabilize in time"
    ResourceQuota Error "resource-quota" "a resource failed because a quota is reached"
    ResourceThrottled Error "resource-throttled" "a resource failed because its service throttled requests"
    RevertFailed Error "revert-failed" "a service that failed to stabilize was not restored"
    RolePath Error "role-path" "a role with a path is referred to without the path"
    RoleTrust Error "role-trust" "a role does not trust the service that assumes it"
    RollbackDisabled Warning "rollback-disabled" "a stack failed and was not rolled back"
    RollbackFailed Error "rollback-failed" "the rollback failed too"
    RoutePath Error "route-path" "a route path is not valid"
    RoutePatterns Error "route-patterns" "a route has more patterns than a rule allows"
    RoutePriority Error "route-priority" "a route priority is out of range"
    RuleConditions Error "rule-conditions" "a rule has too many conditions, or one that is too long"
    RuntimePlatform Error "runtime-platform" "ECS does not support Windows on ARM64"
    ScaleDiffers Warning "scale-differs" "the scaled number of tasks differs from the script"
    ScaleOutOfBounds Error "scale-out-of-bounds" "the number of tasks is outside the scaling range"
    ScalingCooldown Error "scaling-cooldown" "a scaling cooldown is negative"
    ScalingDimension Error "scaling-dimension" "a scalable dimension does not match its service"
    ScalingFromZero Warning "scaling-from-zero" "a service that is scaled in to zero never starts again"
    ScalingPercent Error "scaling-percent" "a target utilization is not a percentage"
    ScalingPolicy Error "scaling-policy" "a scaling policy lacks the settings of its type"
    ScalingRange Error "scaling-range" "a scaling range is not valid"
    ScalingResource Error "scaling-resource" "the resource id of a scalable target is malformed"
    ScalingSchedule Error "scaling-schedule" "a scaling schedule is malformed"
    ScalingWithoutPolicy Warning "scaling-without-policy" "a scaling range has no policy that uses it"
    ScheduleExpression Error "schedule-expression" "a schedule expression is malformed"
    ScriptError Error "script-error" "the script failed to run"
    ScriptThrow Error "script-throw" "the script threw an error"
    SecretArn Error "secret-arn" "a secret is not identified by its ARN"
    SecretJsonKey Error "secret-json-key" "a JSON key is set for a parameter, which has none"
    SecretKey Warning "secret-key" "the key that encrypts a secret is not known"
    SecureString Error "secure-string" "the property does not accept secure strings"
    SecurityGroupSource Error "security-group-source" "a security group rule has no source, or several"
    ServiceCall Error "service-call" "a service cannot be called"
    ServiceConnectAccess Warning "service-connect-access" "services of a namespace cannot reach each other"
    ServiceNotRestored Error "service-not-restored" "a service may still run what a hotswap started"
    ServiceNotScaling Error "service-not-scaling" "the service has no scaling range to change"
    ServiceNotStable Error "service-not-stable" "a service did not stabilize in time"
    ServiceRolledBack Error "service-rolled-back" "ECS rolled the service back to its old tasks"
    ServiceUnstable Error "service-unstable" "the tasks of a service keep stopping"
    SessionPluginMissing Error "session-plugin-missing" "the session-manager plugin is not installed"
    SetterCalledTwice Error "setter-called-twice" "a setter that holds one value is called twice"
    SettingFlag Error "setting-flag" "a `--set` is not of the form name=value"
    SettingPrefix Error "setting-prefix" "a settings prefix cannot begin an environment variable name"
    SettingRequired Error "setting-required" "a required setting has no value"
    SettingType Error "setting-type" "the value of a setting has the wrong type"
    ShadowedRoute Error "shadowed-route" "two services are routed the same requests"
    SharedAcrossRegions Error "shared-across-regions" "a value is shared between stacks of different regions or accounts"
    SharedBlock Error "shared-block" "a block is used by several stacks and added to none, or to two"
    SidecarSize Error "sidecar-size" "the sidecars need more CPU or memory than their task has"
    SlowStart Warning "slow-start" "a load balancer stops tasks that are still starting"
    SnapshotPolicy Error "snapshot-policy" "the type does not support snapshots"
    SpotWeight Error "spot-weight" "the weight of Fargate Spot is out of range"
    SpotWithoutProvider Error "spot-without-provider" "the cluster does not offer Fargate Spot"
    StackBusy Error "stack-busy" "another operation is in progress on the stack"
    StackCycle Error "stack-cycle" "stacks depend on each other in a circle"
    StackFailed Error "stack-failed" "a stack failed and AWS gave no reason"
    StackName Error "stack-name" "a stack name is not valid"
    StackNeedsRecovery Error "stack-needs-recovery" "a stack is in a state that cannot be updated"
    StackSkipped Error "stack-skipped" "a stack was skipped because one before it failed"
    StopTimeout Error "stop-timeout" "a stop timeout is out of range"
    SubnetOutsideVpc Error "subnet-outside-vpc" "a subnet is outside the CIDR block of its VPC"
    SubnetOverlap Error "subnet-overlap" "two subnets of a VPC overlap"
    SubnetRouteTable Error "subnet-route-table" "a subnet has two route tables"
    Subnets Error "subnets" "this kind of subnets does not exist"
    SuppressionWithoutReason Warning "suppression-without-reason" "a suppression comment gives no reason"
    SyntaxError Error "syntax-error" "the script has a syntax error"
    TargetType Error "target-type" "the target type of a target group does not fit the service"
    TaskContainerUnhealthy Error "task-container-unhealthy" "a container fails its own health check"
    TaskCount Error "task-count" "a number of tasks is out of range"
    TaskDidNotRun Error "task-did-not-run" "a one-off task did not start, or was stopped"
    TaskDiskFull Error "task-disk-full" "the storage of a task is full"
    TaskExited Error "task-exited" "the main process of a service exited"
    TaskImageDenied Error "task-image-denied" "access to an image was denied"
    TaskImageNotFound Error "task-image-not-found" "an image does not exist"
    TaskImageNotPulled Error "task-image-not-pulled" "an image could not be pulled"
    TaskImagePlatform Error "task-image-platform" "an image is built for another platform"
    TaskKilled Error "task-killed" "the main process of a service was killed by a signal"
    TaskLogsUnwritable Error "task-logs-unwritable" "a task cannot write its logs"
    TaskNoCapacity Error "task-no-capacity" "AWS has no capacity for a task"
    TaskNoRoute Error "task-no-route" "tasks cannot reach what they need to start"
    TaskNotExecutable Error "task-not-executable" "the command of a container cannot be executed"
    TaskNotPlaced Error "task-not-placed" "ECS could not place a task"
    TaskOutOfMemory Error "task-out-of-memory" "a container ran out of memory"
    TaskPort Error "task-port" "a program cannot listen on its port"
    TaskRole Error "task-role" "ECS cannot assume a role of the task"
    TaskRunsDeployed Warning "task-runs-deployed" "a one-off task runs another image than the script sets"
    TaskSecretUnreadable Error "task-secret-unreadable" "a secret or parameter cannot be read"
    TaskStopped Error "task-stopped" "the tasks of a service stop"
    TaskUnhealthy Error "task-unhealthy" "a service fails the health check of its load balancer"
    TaskVolume Error "task-volume" "a task cannot mount its file system"
    TemplateEmpty Error "template-empty" "a template is empty"
    TemplateLimit Error "template-limit" "a template exceeds a CloudFormation limit"
    TemplateNesting Error "template-nesting" "a template is nested too deeply"
    TemplateSize Error "template-size" "a template is larger than CloudFormation accepts"
    TemplateStructure Error "template-structure" "a part of a template has the wrong structure"
    TemplateSyntax Error "template-syntax" "a template is not valid YAML or JSON"
    TemplateVersion Error "template-version" "the template format version does not exist"
    TerminationProtected Error "termination-protected" "a stack has termination protection"
    TooManyContainers Error "too-many-containers" "a task has more containers than ECS allows"
    TooManySecurityGroups Error "too-many-security-groups" "a service has more security groups than ECS allows"
    TruncatedReference Error "truncated-reference" "a string contains only a part of a reference"
    TwoDefaultRoutes Error "two-default-routes" "two services are the default target of one listener"
    UndefinedCondition Error "undefined-condition" "a condition does not exist"
    UndefinedContainer Error "undefined-container" "a load balancer names a container that the task does not have"
    UndefinedContainerPort Error "undefined-container-port" "a load balancer names a port that the container does not map"
    UndefinedDependency Error "undefined-dependency" "`DependsOn` names an id that is not a resource"
    UndefinedMapping Error "undefined-mapping" "a mapping or its key does not exist"
    UndefinedOrigin Error "undefined-origin" "a cache behavior names an origin that does not exist"
    UndefinedReference Error "undefined-reference" "a reference names an id that is not in the template"
    UndefinedVolume Error "undefined-volume" "a container mounts a volume that its task does not have"
    UnknownAction Warning "unknown-action" "IAM does not know an action"
    UnknownAllowReplace Error "unknown-allow-replace" "`--allow-replace` names a resource that no stack has"
    UnknownAttribute Error "unknown-attribute" "the type has no such attribute"
    UnknownCommand Error "unknown-command" "the REPL has no such command"
    UnknownContainer Error "unknown-container" "the task definition has no such container"
    UnknownFault Error "unknown-fault" "unknown `--fault`"
    UnknownFunction Error "unknown-function" "there is no such function"
    UnknownKey Error "unknown-key" "a map has no such key"
    UnknownMethod Error "unknown-method" "a block has no such method"
    UnknownModule Error "unknown-module" "there is no such module"
    UnknownOutputKey Error "unknown-output-key" "an output has an unknown key"
    UnknownParameter Error "unknown-parameter" "`--parameter` names a parameter that no template has"
    UnknownParameterKey Error "unknown-parameter-key" "a parameter has an unknown key"
    UnknownProperty Error "unknown-property" "there is no such property"
    UnknownRegion Error "unknown-region" "AWS has no such region"
    UnknownResourceAttribute Error "unknown-resource-attribute" "a resource has an unknown attribute"
    UnknownSection Error "unknown-section" "a template has an unknown section"
    UnknownService Error "unknown-service" "no deployed stack has this service"
    UnknownSetting Error "unknown-setting" "the script declares no such setting"
    UnknownStack Error "unknown-stack" "the script has no such stack"
    UnknownTask Error "unknown-task" "no running task has an id that begins this way"
    UnknownType Error "unknown-type" "there is no such resource type"
    UnknownVariable Error "unknown-variable" "there is no such variable"
    UnpackagedArtifact Warning "unpackaged-artifact" "a property holds a local file path"
    UnreachableService Error "unreachable-service" "the load balancer cannot reach the tasks"
    UnusedAllowReplace Warning "unused-allow-replace" "`--allow-replace` had no effect"
    UnusedBlock Warning "unused-block" "a block is in no stack"
    UnusedFault Warning "unused-fault" "a `--fault` had no effect on the rehearsal"
    UnusedHealthCheck Warning "unused-health-check" "a target group health check is set without a load balancer"
    UnusedParameter Warning "unused-parameter" "a parameter is not used"
    UnusedResult Error "unused-result" "the result of a setter is not used"
    UnusedStackVpc Error "unused-stack-vpc" "`.vpc` of a stack has no effect next to a cluster with a VPC"
    UnusedSuppression Warning "unused-suppression" "a suppression comment suppresses nothing"
    UnusedVariable Warning "unused-variable" "a variable of `Fn::Sub` is not used"
    VariableName Error "variable-name" "an environment variable name is not valid"
    VpcEndpoint Error "vpc-endpoint" "this VPC endpoint service does not exist"
    WrongAccount Error "wrong-account" "the credentials belong to another account than the stack"
    WrongArgument Error "wrong-argument" "an argument has the wrong type"
    WrongArguments Error "wrong-arguments" "a function is called with the wrong number of arguments"
    WrongCount Error "wrong-count" "a list or object has too few or too many members"
    WrongFormat Error "wrong-format" "a string has the wrong format"
    WrongLength Error "wrong-length" "a string is too short or too long"
    WrongOperator Error "wrong-operator" "an operator does not work on these values"
    WrongReference Error "wrong-reference" "a reference returns a value of another type than the property needs"
    WrongRegion Error "wrong-region" "a resource is in another region than it must be"
    WrongType Error "wrong-type" "a value has the wrong type"
    YamlAlias Warning "yaml-alias" "CloudFormation refuses YAML aliases"
    YamlOctal Warning "yaml-octal" "YAML reads a number with a leading zero as octal"
}

impl Code {
    /// Returns the code with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.binary_search_by(|code| code.as_str().cmp(name)).ok().map(|at| Self::ALL[at])
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl PartialEq<str> for Code {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<String> for Code {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_so_that_every_name_is_found() {
        assert!(Code::ALL.is_sorted_by_key(|code| code.as_str()));
        assert!(Code::ALL.iter().all(|code| Code::from_name(code.as_str()) == Some(*code)));
        assert_eq!(Code::from_name("no-such-code"), None);
    }

    #[test]
    fn titles_are_short_lines_without_a_final_dot() {
        let wrong = |code: &&Code| code.title().chars().count() > 75 || code.title().ends_with('.');
        assert_eq!(Code::ALL.iter().find(wrong), None);
    }
}
