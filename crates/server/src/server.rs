//! The running server: the application, the edge, the API and the pages, put together.

use crate::config::Settings;
use crate::node::ServerNode;
use crate::service::Service;
use crate::shared_redis;
use anyhow::{Context as _, Result};
use fairseat_api::ApiState;
use fairseat_app::ids::PublicIds;
use fairseat_app::keys::Keys;
use fairseat_app::metrics::Metrics;
use fairseat_app::{App, AppOptions};
use fairseat_bus::kafka::KafkaPublisher;
use fairseat_bus::{BreakerOptions, Bus};
use fairseat_edge::metrics::HttpMetrics;
use fairseat_edge::{EdgeOptions, EdgeState};
use fairseat_engine::{Homes, SystemClock};
use fairseat_messages::{MailTransport, Mailer, MailerOptions};
use prometheus_client::registry::Registry;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// The parts of one running server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Server {
    /// The operator's settings.
    pub settings: Arc<Settings>,
    /// The application.
    pub app: Arc<App>,
    /// The edge: limits and metrics of HTTP.
    pub edge: EdgeState,
    /// The API's own state.
    pub api: ApiState,
    /// The other nodes, if there may be some.
    pub node: Option<ServerNode>,
}

impl Server {
    /// Opens the data folder of `settings`, which this process has locked. `base_url` is the address at which buyers reach the server.
    ///
    /// # Errors
    /// When a file of the data folder cannot be opened, or the journal detects that it lost data.
    pub async fn open(settings: Settings, keys: Keys, base_url: &str) -> Result<Self> {
        let mut registry = Registry::with_prefix("fairseat");
        let redis = shared_redis::open(&settings, &keys, &mut registry).await?;
        let options = EdgeOptions {
            limits: settings.limits,
            shared_counters: redis.as_ref().map(|redis| redis.counters()),
            trusted_proxies: settings.trusted_proxies.clone(),
            https: base_url.starts_with("https://"),
            late_lists: !settings.database_replicas.is_empty(),
            metrics_token: settings.metrics_token.clone(),
        };
        let edge = EdgeState::new(options, HttpMetrics::new(&mut registry));
        let ids = PublicIds::new(keys.ids.expose());
        let node = ServerNode::join(&settings, &ids, &mut registry).await?;
        let homes = node.as_ref().map(|node| node.nodes.clone() as Arc<dyn Homes>);
        let metrics = Arc::new(Metrics::new(&mut registry));
        let app = App::open(AppOptions {
            data_dir: settings.data_dir.clone(),
            database: settings.database_server(),
            keys,
            base_url: base_url.to_owned(),
            payments: settings.payments,
            password_cost: settings.password_cost,
            bus: bus(&settings, metrics.clone())?,
            metrics,
            sales_memory: settings.sales_memory_mib.saturating_mul(1 << 20),
            homes,
            doorbell: redis.as_ref().map(|redis| redis.doorbell()),
            read_every: settings.read_every,
        })
        .await?;
        if let Some(redis) = redis {
            tokio::spawn(redis.run(app.engine.clone()));
        }
        let api = ApiState::new(app.clone(), edge.clone(), registry, fairseat_api::document(), settings.demo);
        Ok(Self { settings: Arc::new(settings), app, edge, api, node })
    }

    /// The API and the pages as one service.
    #[must_use]
    pub fn service(&self) -> Service {
        Service::new(self)
    }

    /// The measurements alone, for a listener that only operators can reach.
    pub fn metrics_service(&self) -> axum::Router {
        let around = axum::middleware::from_fn_with_state(self.edge.clone(), fairseat_edge::layer::layer);
        fairseat_api::metrics_router().with_state(self.api.clone()).layer(around)
    }

    /// The transport for letters that the settings choose; `None` if they choose none.
    ///
    /// # Errors
    /// When the mail server's address cannot be used.
    pub fn transport(settings: &Settings) -> Result<Option<MailTransport>> {
        if settings.demo {
            return Ok(Some(MailTransport::Mailbox));
        }
        let Some(url) = &settings.smtp_url else { return Ok(None) };
        let from = settings.mail_from.clone().context("--smtp-url needs --mail-from")?;
        MailTransport::smtp(url, from).map(Some)
    }

    /// A mailer that sends letters by `transport`.
    #[must_use]
    pub fn mailer(&self, transport: MailTransport) -> Arc<Mailer> {
        Mailer::new(MailerOptions {
            store: self.app.store.clone(),
            transport,
            composer: self.app.clone(),
            observer: self.app.metrics.clone(),
            base_url: self.app.base_url.clone(),
            clock: Arc::new(SystemClock),
        })
    }

    /// Starts sending, and logs by which transport. Ends at the shutdown; without a transport, messages wait in the outbox.
    #[must_use]
    pub fn start_mail(&self, transport: Option<MailTransport>) -> Option<JoinHandle<()>> {
        let Some(transport) = transport else {
            tracing::info!("no --smtp-url: messages wait in the outbox");
            return None;
        };
        match &transport {
            MailTransport::Mailbox => tracing::info!("messages are shown at /demo/mailbox"),
            MailTransport::Smtp { .. } => tracing::info!("messages go to the mail server"),
        }
        Some(tokio::spawn(self.mailer(transport).run(self.edge.shutdown.subscribe())))
    }
}

/// The message bus, if the settings name brokers. It connects when it is first used, so that the server starts while the broker is away.
fn bus(settings: &Settings, metrics: Arc<Metrics>) -> Result<Option<Arc<Bus>>> {
    let Some(options) = settings.bus.kafka()? else { return Ok(None) };
    tracing::info!(
        brokers = options.brokers.join(","),
        topics = options.topic_prefix,
        "sales are published to the message broker"
    );
    let publisher = Arc::new(KafkaPublisher::new(options).context("--kafka-ca-file")?);
    Ok(Some(Arc::new(Bus::new(publisher, metrics, BreakerOptions::default()))))
}
