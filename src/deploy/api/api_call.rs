use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! api_calls {
    ($($service:ident $prefix:literal $endpoint:literal { $($call:ident $(as $action:literal)?,)* })*) => {
        /// An AWS service that rtiler calls.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each variant is the service of its name")]
        pub enum AwsService {
            $($service,)*
        }

        impl AwsService {
            /// Returns the service prefix of its IAM actions (Service Authorization Reference).
            pub fn iam_prefix(self) -> &'static str {
                match self { $(Self::$service => $prefix,)* }
            }

            /// Returns the first part of its endpoints' host names (AWS General Reference).
            pub fn endpoint_prefix(self) -> &'static str {
                match self { $(Self::$service => $endpoint,)* }
            }
        }

        /// An operation of an AWS API that rtiler calls.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[allow(missing_docs, reason = "each variant is the operation of its name")]
        pub enum ApiCall {
            $($($call,)*)*
        }

        impl ApiCall {
            /// Every call.
            pub const ALL: &[ApiCall] = &[$($(ApiCall::$call,)*)*];

            /// Returns the name of the operation in the API reference.
            pub fn operation(self) -> &'static str {
                match self { $($(Self::$call => stringify!($call),)*)* }
            }

            /// Returns the service that the operation belongs to.
            pub fn service(self) -> AwsService {
                match self { $($(Self::$call => AwsService::$service,)*)* }
            }

            /// Returns the name of the IAM action if it differs from that of the operation.
            fn renamed_action(self) -> Option<&'static str> {
                match self {
                    $($($(Self::$call => Some($action),)?)*)*
                    _ => None,
                }
            }
        }
    };
}

api_calls! {
    CloudFormation "cloudformation" "cloudformation" {
        CancelUpdateStack,
        ContinueUpdateRollback,
        CreateChangeSet,
        DeleteChangeSet,
        DeleteStack,
        DescribeChangeSet,
        DescribeStackDriftDetectionStatus,
        DescribeStackEvents,
        DescribeStackResourceDrifts,
        DescribeStacks,
        DetectStackDrift,
        ExecuteChangeSet,
        GetTemplate,
        ListChangeSets,
        ListExports,
        ListImports,
        ListStackResources,
        ListStacks,
        RollbackStack,
        UpdateTerminationProtection,
    }
    Ecs "ecs" "ecs" {
        DescribeServiceDeployments,
        DescribeServices,
        DescribeTaskDefinition,
        DescribeTasks,
        ExecuteCommand,
        ListServiceDeployments,
        ListTasks,
        RegisterTaskDefinition,
        RunTask,
        StopTask,
        UpdateService,
    }
    Logs "logs" "logs" {
        FilterLogEvents,
        GetLogEvents,
    }
    LoadBalancing "elasticloadbalancing" "elasticloadbalancing" {
        DescribeLoadBalancers,
        DescribeTargetHealth,
    }
    AutoScaling "application-autoscaling" "application-autoscaling" {
        DescribeScalableTargets,
        RegisterScalableTarget,
    }
    // The actions of Cloud Control API are those of CloudFormation (Service Authorization Reference).
    CloudControl "cloudformation" "cloudcontrolapi" {
        GetResource,
        ListResources,
    }
    CloudWatch "cloudwatch" "monitoring" {
        DescribeAlarms,
    }
    Ec2 "ec2" "ec2" {
        DescribeAddresses,
        DescribeInternetGateways,
        DescribeVpcs,
    }
    Ecr "ecr" "api.ecr" {
        BatchDeleteImage,
        BatchGetImage,
        DescribeImages,
        GetAuthorizationToken,
    }
    Iam "iam" "iam" {
        GetRole,
    }
    S3 "s3" "s3" {
        DeleteObjects as "DeleteObjectVersion",
        ListObjectVersions as "ListBucketVersions",
        PutObject,
    }
    ServiceQuotas "servicequotas" "servicequotas" {
        GetServiceQuota,
    }
    Sts "sts" "sts" {
        GetCallerIdentity,
    }
}

impl AwsService {
    /// Returns the name of the service in AWS's documentation, without "AWS" and "Amazon".
    pub fn title(self) -> &'static str {
        match self {
            Self::CloudControl => "Cloud Control API",
            Self::CloudFormation => "CloudFormation",
            Self::Ecs => "ECS",
            Self::Logs => "CloudWatch Logs",
            Self::LoadBalancing => "Elastic Load Balancing",
            Self::AutoScaling => "Application Auto Scaling",
            Self::CloudWatch => "CloudWatch",
            Self::Ec2 => "EC2",
            Self::Ecr => "ECR",
            Self::Iam => "IAM",
            Self::S3 => "S3",
            Self::ServiceQuotas => "Service Quotas",
            Self::Sts => "STS",
        }
    }
}

impl ApiCall {
    /// Returns the action that a policy must allow for the call (Service Authorization Reference).
    pub fn iam_action(self) -> String {
        let action = self.renamed_action().unwrap_or_else(|| self.operation());
        format!("{}:{action}", self.service().iam_prefix())
    }
}

impl fmt::Display for ApiCall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.operation())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The actions as the Service Authorization Reference lists them.
    const ACTIONS: [&str; 53] = [
        "cloudformation:CancelUpdateStack",
        "cloudformation:ContinueUpdateRollback",
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
        "cloudformation:DeleteStack",
        "cloudformation:DescribeChangeSet",
        "cloudformation:DescribeStackDriftDetectionStatus",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStackResourceDrifts",
        "cloudformation:DescribeStacks",
        "cloudformation:DetectStackDrift",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:GetTemplate",
        "cloudformation:ListChangeSets",
        "cloudformation:ListExports",
        "cloudformation:ListImports",
        "cloudformation:ListStackResources",
        "cloudformation:ListStacks",
        "cloudformation:RollbackStack",
        "cloudformation:UpdateTerminationProtection",
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "ecs:ExecuteCommand",
        "ecs:ListServiceDeployments",
        "ecs:ListTasks",
        "ecs:RegisterTaskDefinition",
        "ecs:RunTask",
        "ecs:StopTask",
        "ecs:UpdateService",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetHealth",
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:RegisterScalableTarget",
        "cloudformation:GetResource",
        "cloudformation:ListResources",
        "cloudwatch:DescribeAlarms",
        "ec2:DescribeAddresses",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeVpcs",
        "ecr:BatchDeleteImage",
        "ecr:BatchGetImage",
        "ecr:DescribeImages",
        "ecr:GetAuthorizationToken",
        "iam:GetRole",
        "s3:DeleteObjectVersion",
        "s3:ListBucketVersions",
        "s3:PutObject",
        "servicequotas:GetServiceQuota",
        "sts:GetCallerIdentity",
    ];

    #[test]
    fn each_call_has_the_action_of_its_own_service() {
        let actions: Vec<String> = ApiCall::ALL.iter().map(|call| call.iam_action()).collect();
        assert_eq!(actions, ACTIONS);
    }
}
