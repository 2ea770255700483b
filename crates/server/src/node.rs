//! This server as one of several nodes over one database: how it joins the others, and what it answers to them.

use crate::config::Settings;
use anyhow::{Context as _, Result};
use axum::Router;
use axum::middleware::from_fn_with_state;
use fairseat_api::ApiState;
use fairseat_app::ids::PublicIds;
use fairseat_edge::layer::layer;
use fairseat_engine::stream_of;
use fairseat_nodes::{Forwarder, NodeMetrics, NodeOptions, Nodes, NodesKey, forward, receive};
use fairseat_postgres::Demands;
use prometheus_client::registry::Registry;
use std::sync::Arc;

/// A server that knows the other nodes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ServerNode {
    /// The nodes that run.
    pub nodes: Arc<Nodes>,
    forwarder: Forwarder,
    key: NodesKey,
}

impl ServerNode {
    /// Joins the other nodes, if the settings say so.
    ///
    /// # Errors
    /// When the key or the database cannot be used.
    pub(crate) async fn join(
        settings: &Settings,
        ids: &PublicIds,
        registry: &mut Registry,
    ) -> Result<Option<Self>> {
        let (Some(url), Some(file), Some(address)) =
            (&settings.database, &settings.nodes_key_file, &settings.nodes_address)
        else {
            return Ok(None);
        };
        let shown = file.display();
        let content = std::fs::read(file).with_context(|| format!("cannot read --nodes-key-file {shown}"))?;
        let key =
            NodesKey::new(&content).map_err(|advice| anyhow::anyhow!("--nodes-key-file {shown} {advice}"))?;
        let event = |id: &uuid::Uuid| {
            let event = ids.open_event(*id);
            event.map(stream_of).with_context(|| format!("--serves-only {id} is not the id of an event here"))
        };
        let only = settings.serves_only.iter().map(event).collect::<Result<_>>()?;
        let demands = Demands {
            require_standby: settings.require_standby,
            allow_unsafe_server: settings.allow_unsafe_server,
        };
        let options = NodeOptions { address: address.clone(), only };
        let nodes = Nodes::join(url.expose(), demands, options, NodeMetrics::new(registry)).await?;
        let forwarder = Forwarder::new(nodes.clone(), key.clone(), ids.clone());
        Ok(Some(Self { nodes, forwarder, key }))
    }

    /// The API, which passes commands on to the nodes that serve their sales.
    pub(crate) fn forwarding(&self, routes: Router<ApiState>) -> Router<ApiState> {
        routes.layer(from_fn_with_state(self.forwarder.clone(), forward))
    }

    /// The API for other nodes, which pass requests of their clients on to this one.
    pub fn service(&self, api: &ApiState) -> Router {
        let routes = fairseat_api::router().with_state(api.clone());
        let behind_the_edge = routes.layer(from_fn_with_state(api.edge.clone(), layer));
        behind_the_edge.layer(from_fn_with_state(self.key.clone(), receive))
    }
}
