//! Pictures of events. A picture is deleted when no event uses it any more.

use crate::database::Database;
use crate::error::StoreError;
use crate::events::{self, Event};
use crate::ids::ImageId;
use crate::quotas::{self, Quota, QuotaError};
use crate::sql::{Sql, cell, values};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;

/// A picture's files, ready to be served.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// A hash of the picture, so that equal pictures are stored once.
    pub id: ImageId,
    /// The size for the event's page.
    pub wide: Vec<u8>,
    /// The size for lists.
    pub small: Vec<u8>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}, {} and {} bytes)", self.id, self.wide.len(), self.small.len())
    }
}

/// The size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// The size for the event's page.
    Wide,
    /// The size for lists.
    Small,
}

/// Pictures; from [`crate::Store::images`].
#[derive(Clone, Copy, Debug)]
pub struct Images<'s>(pub(crate) &'s Database);

impl Images<'_> {
    /// Sets or removes an event's picture. Returns `None` when there is no such event.
    ///
    /// # Errors
    /// [`QuotaError::Reached`] if the organization has too many pictures; or when the database fails.
    pub async fn set(
        &self,
        event: EventNumber,
        image: Option<Image>,
        now: Timestamp,
    ) -> Result<Option<Event>, QuotaError> {
        self.0.write("events.set_image", move |sql| set(sql, event, image.clone(), now)).await
    }

    /// One file of a picture that an event uses.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn file(&self, id: ImageId, size: Size) -> Result<Option<Vec<u8>>, StoreError> {
        let text = match size {
            Size::Wide => "SELECT wide FROM images WHERE id = ?1",
            Size::Small => "SELECT small FROM images WHERE id = ?1",
        };
        self.0.read("images.file", move |sql| sql.one(text, &values![id], cell)).await
    }
}

fn set(
    sql: &Sql<'_>,
    number: EventNumber,
    image: Option<Image>,
    now: Timestamp,
) -> Result<Option<Event>, QuotaError> {
    let Some(mut event) = events::by_number(sql, number)? else { return Ok(None) };
    let before = event.details.image;
    event.details.image = image.as_ref().map(|image| image.id);
    if before == event.details.image {
        return Ok(Some(event));
    }
    if let Some(Image { id, wide, small }) = image {
        // A picture in place of another is not one more.
        quotas::check(sql, event.organization, (Quota::Pictures, before.is_none().into()), now)?;
        let text = "INSERT INTO images (id, wide, small) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING";
        sql.execute(text, &values![id, wide, small])?;
    }
    event.updated_at = now;
    events::save(sql, &event)?;
    drop_unused(sql, before)?;
    Ok(Some(event))
}

/// Deletes a picture if no event uses it any more.
pub(crate) fn drop_unused(sql: &Sql<'_>, image: Option<ImageId>) -> Result<(), StoreError> {
    let text = "DELETE FROM images WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM events WHERE image = ?1)";
    sql.execute(text, &values![image]).map(drop)
}
