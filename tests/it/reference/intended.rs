//! The intended differences between our template and the CDK's, with their reasons.

use serde_json::{Value, json};

use super::Resources;

struct Difference {
    because: &'static str,
    change: fn(&mut Value),
}

const INTENDED: &[Difference] = &[
    Difference {
        because: "metadata, bootstrap parameter, conditions and rules belong to the CDK",
        change: |template| {
            for section in ["Parameters", "Rules", "Conditions"] {
                template.as_object_mut().unwrap().shift_remove(section);
            }
            resources(template).retain(|_, resource| resource["Type"] != "AWS::CDK::Metadata");
            each(template, "", |resource| {
                resource.as_object_mut().unwrap().shift_remove("Metadata");
            });
            each(template, "AWS::EC2::Subnet", |subnet| {
                let tags = subnet["Properties"]["Tags"].as_array_mut().unwrap();
                tags.retain(|tag| !tag["Key"].as_str().unwrap().starts_with("aws-cdk:"));
            });
        },
    },
    Difference {
        because: "only the load balancer may reach the tasks; the CDK's stack admits every protocol from everywhere",
        change: |template| {
            each(template, "AWS::EC2::SecurityGroup", |group| {
                if let Some(rules) = group["Properties"]["SecurityGroupIngress"].as_array_mut() {
                    rules.retain(|rule| rule["IpProtocol"] != "-1");
                }
            });
        },
    },
    Difference {
        because: "a deployment that fails goes back by itself, and keeps as many healthy tasks as there were",
        change: |template| {
            each(template, "AWS::ECS::Service", |service| {
                let configuration = &mut service["Properties"]["DeploymentConfiguration"];
                configuration["MinimumHealthyPercent"] = json!(100);
                configuration["DeploymentCircuitBreaker"] = json!({ "Enable": true, "Rollback": true });
            });
        },
    },
    Difference {
        because: "a deployment must not set a service back that was scaled out",
        change: |template| {
            each(template, "AWS::ECS::Service", |service| {
                service["Properties"].as_object_mut().unwrap().shift_remove("DesiredCount");
            });
        },
    },
    Difference {
        because: "the cost of tasks is found by the tags of their stack, their cluster and their service",
        change: |template| {
            each(template, "AWS::ECS::Service", |service| {
                service["Properties"]["PropagateTags"] = json!("SERVICE");
                service["Properties"]["EnableECSManagedTags"] = json!(true);
            });
        },
    },
    Difference {
        because: "logs are kept for a while and go with the stack",
        change: |template| {
            each(template, "AWS::Logs::LogGroup", |group| {
                group["Properties"]["RetentionInDays"] = json!(30);
                group["DeletionPolicy"] = json!("Delete");
                group["UpdateReplacePolicy"] = json!("Delete");
            });
        },
    },
    Difference {
        because: "old tasks are gone in seconds, and requests with invalid headers never reach a task",
        change: |template| {
            let attribute = |key, value| json!({ "Key": key, "Value": value });
            each(template, "AWS::ElasticLoadBalancingV2::TargetGroup", |group| {
                let attributes = group["Properties"]["TargetGroupAttributes"].as_array_mut().unwrap();
                attributes.push(attribute("deregistration_delay.timeout_seconds", "30"));
            });
            each(template, "AWS::ElasticLoadBalancingV2::LoadBalancer", |balancer| {
                let attributes = balancer["Properties"]["LoadBalancerAttributes"].as_array_mut().unwrap();
                attributes.push(attribute("routing.http.drop_invalid_header_fields.enabled", "true"));
            });
        },
    },
    Difference {
        because: "addresses and NAT gateways are of use once the internet gateway is attached",
        change: |template| {
            let attachment = only(template, "AWS::EC2::VPCGatewayAttachment");
            for kind in ["AWS::EC2::EIP", "AWS::EC2::NatGateway"] {
                each(template, kind, |resource| wait(resource, &attachment));
            }
        },
    },
    Difference {
        because: "everything under the service's construct depends on the task's role in the CDK's tree; it is the \
                  tasks that need the role, and they have it by their definition",
        change: |template| {
            let is_role = |id: &str| id.contains("TaskRole");
            for kind in ["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"] {
                each(template, kind, |resource| {
                    if let Some(waits) = resource["DependsOn"].as_array_mut() {
                        waits.retain(|id| !is_role(id.as_str().unwrap()));
                    }
                });
            }
        },
    },
    Difference {
        because: "tasks need the routes of their subnets from the first pull of an image until they are drained",
        change: |template| {
            let is_private =
                |resource: &Value, tables: &[Value]| tables.contains(&resource["Properties"]["RouteTableId"]);
            let all = resources(template).clone();
            let routes = all.values().filter(|resource| resource["Properties"].get("NatGatewayId").is_some());
            let tables: Vec<Value> = routes.map(|route| route["Properties"]["RouteTableId"].clone()).collect();
            for (id, _) in all.iter().filter(|(_, resource)| is_private(resource, &tables)) {
                each(template, "AWS::ECS::Service", |service| wait(service, id));
            }
        },
    },
    Difference {
        because: "the service-linked role is the default, and alarms that are off are none",
        change: |template| {
            each(template, "AWS::ApplicationAutoScaling::ScalableTarget", |target| {
                target["Properties"].as_object_mut().unwrap().shift_remove("RoleARN");
            });
            each(template, "AWS::ECS::Service", |service| {
                service["Properties"]["DeploymentConfiguration"].as_object_mut().unwrap().shift_remove("Alarms");
            });
        },
    },
    Difference {
        because: "the published image runs without root, which may not open port 80, and listens on the port of `PORT`",
        change: |template| {
            let port = json!(8080);
            each(template, "AWS::ECS::TaskDefinition", |task| {
                task["Properties"]["ContainerDefinitions"][0]["PortMappings"][0]["ContainerPort"] = port.clone();
            });
            each(template, "AWS::ECS::Service", |service| {
                service["Properties"]["LoadBalancers"][0]["ContainerPort"] = port.clone();
            });
            each(template, "AWS::ElasticLoadBalancingV2::TargetGroup", |group| {
                group["Properties"]["Port"] = port.clone();
            });
            for kind in ["AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"] {
                each(template, kind, |rule| {
                    rule["Properties"]["FromPort"] = port.clone();
                    rule["Properties"]["ToPort"] = port.clone();
                });
            }
        },
    },
    Difference {
        because: "logs, alarms and ECS Exec say which program they mean; the CDK names every main container `web`",
        change: |template| {
            each(template, "AWS::ECS::TaskDefinition", |task| {
                task["Properties"]["ContainerDefinitions"][0]["Name"] = json!("titiler");
            });
            each(template, "AWS::ECS::Service", |service| {
                service["Properties"]["LoadBalancers"][0]["ContainerName"] = json!("titiler");
            });
        },
    },
    Difference {
        because: "the published image reads WEB_CONCURRENCY; Gunicorn reads its options from GUNICORN_CMD_ARGS",
        change: |template| {
            each(template, "AWS::ECS::TaskDefinition", |task| {
                let environment = &mut task["Properties"]["ContainerDefinitions"][0]["Environment"];
                let variables = environment.as_array_mut().unwrap();
                variables.retain(|variable| !UNREAD.contains(&variable["Name"].as_str().unwrap()));
                let set = [("PORT", "8080"), ("GUNICORN_CMD_ARGS", "--log-level error"), ("WEB_CONCURRENCY", "1")];
                variables.extend(set.map(|(name, value)| json!({ "Name": name, "Value": value })));
            });
        },
    },
];

/// The variables that the original sets and the published image of TiTiler does not read.
const UNREAD: [&str; 3] = ["LOG_LEVEL", "WORKERS_PER_CORE", "MAX_WORKERS"];

/// Makes every meant difference; one that changes nothing is out of date.
pub(super) fn apply(template: &mut Value) {
    for difference in INTENDED {
        let before = template.clone();
        (difference.change)(template);
        assert_ne!(*template, before, "no longer a difference: {}", difference.because);
    }
}

fn resources(template: &mut Value) -> &mut Resources {
    template["Resources"].as_object_mut().unwrap()
}

fn each(template: &mut Value, kind: &str, change: impl Fn(&mut Value)) {
    let fits = |resource: &&mut Value| kind.is_empty() || resource["Type"] == kind;
    resources(template).values_mut().filter(fits).for_each(change);
}

fn only(template: &mut Value, kind: &str) -> String {
    let found: Vec<&String> =
        resources(template).iter().filter(|(_, is)| is["Type"] == kind).map(|(id, _)| id).collect();
    assert_eq!(found.len(), 1, "one {kind}");
    found[0].clone()
}

fn wait(resource: &mut Value, first: &str) {
    let mut waits = resource["DependsOn"].as_array().cloned().unwrap_or_default();
    waits.push(first.into());
    resource["DependsOn"] = waits.into();
}
