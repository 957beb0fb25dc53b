use aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum;

use super::Aws;
use super::error::server_time;
use super::pages::Pages;
use super::plain_request::{call_plain, plain};
use super::signed_request::{SignedRequest, send};
use crate::deploy::api::{
    AccountFacts, ApiCall, AwsError, AwsService, Caller, CountedResource, Timestamp, partition_of, url_suffix,
};

impl AccountFacts for Aws {
    async fn caller(&self) -> Result<Caller, AwsError> {
        let reply = aws_sdk_sts::Client::new(&self.config).get_caller_identity().send().await;
        let reply = reply.map_err(|error| self.api_error(ApiCall::GetCallerIdentity, &error))?;
        Ok(Caller { account: reply.account.unwrap_or_default(), arn: reply.arn.unwrap_or_default() })
    }

    async fn endpoint_time(&self, service: AwsService) -> Result<Option<Timestamp>, String> {
        let reply = call_plain(self, plain("GET", &self.service_url(service))?).await?;
        Ok(server_time(&reply))
    }

    async fn has_role(&self, name: &str) -> Result<bool, AwsError> {
        let body = format!("Action=GetRole&Version=2010-05-08&RoleName={name}");
        match send(self, &SignedRequest::query(ApiCall::GetRole, "us-east-1", body)).await {
            Ok(_) => Ok(true),
            Err(error) if error.code == "NoSuchEntity" => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn quota(&self, service: &str, code: &str) -> Result<Option<f64>, AwsError> {
        let region = self.region().unwrap_or_default().to_owned();
        let body = serde_json::json!({ "ServiceCode": service, "QuotaCode": code }).to_string();
        let target = "ServiceQuotasV20190624.GetServiceQuota";
        match send(self, &SignedRequest::json(ApiCall::GetServiceQuota, &region, target, body)).await {
            Ok(reply) => {
                let reply: serde_json::Value = serde_json::from_str(&reply).unwrap_or_default();
                Ok(reply["Quota"]["Value"].as_f64())
            }
            // "GetServiceQuota": an account that has never changed a quota may have no entry for it.
            Err(error) if error.code.ends_with("NoSuchResourceException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn count(&self, resource: CountedResource) -> Result<u64, AwsError> {
        let (call, tag) = match resource {
            CountedResource::Vpc => (ApiCall::DescribeVpcs, "<vpcId>"),
            CountedResource::ElasticIp => (ApiCall::DescribeAddresses, "<publicIp>"),
            CountedResource::InternetGateway => (ApiCall::DescribeInternetGateways, "<internetGatewayId>"),
            CountedResource::ApplicationLoadBalancer => {
                return balancers(self, &LoadBalancerTypeEnum::Application).await;
            }
            CountedResource::NetworkLoadBalancer => return balancers(self, &LoadBalancerTypeEnum::Network).await,
        };
        // Without `MaxResults`, EC2 returns all of them.
        let body = format!("Action={call}&Version=2016-11-15");
        let region = self.region().unwrap_or_default().to_owned();
        let reply = send(self, &SignedRequest::query(call, &region, body)).await?;
        Ok(reply.matches(tag).count() as u64)
    }
}

async fn balancers(aws: &Aws, kind: &LoadBalancerTypeEnum) -> Result<u64, AwsError> {
    let (mut count, mut pages) = (0, Pages::of(ApiCall::DescribeLoadBalancers));
    loop {
        let reply = aws.load_balancing().describe_load_balancers().set_marker(pages.token()).send().await;
        let reply = reply.map_err(|error| aws.api_error(ApiCall::DescribeLoadBalancers, &error))?;
        let balancers = reply.load_balancers.into_iter().flatten();
        count += balancers.filter(|balancer| balancer.r#type.as_ref() == Some(kind)).count() as u64;
        if !pages.advance(reply.next_marker)? {
            return Ok(count);
        }
    }
}

impl Aws {
    /// Returns the URL of the endpoint of a service in the region ("AWS service endpoints" of the AWS General Reference).
    pub(super) fn service_url(&self, service: AwsService) -> String {
        if let Some(url) = self.config.endpoint_url() {
            return url.trim_end_matches('/').to_owned();
        }
        let region = self.region().unwrap_or("us-east-1");
        let partition = partition_of(region);
        match service {
            // IAM is one service for each partition.
            AwsService::Iam if partition == "aws" => "https://iam.amazonaws.com".to_owned(),
            _ => format!("https://{}.{region}.{}", service.endpoint_prefix(), url_suffix(partition)),
        }
    }
}
