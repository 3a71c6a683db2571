//! Software that not every sandbox needs: the images and charts of one system, made and served when asked for.

use std::fmt;
use std::str::FromStr;

use super::catalogue::Image;
use super::chart::Chart;
use crate::tools::Tool;

/// A system that can be added to a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extra {
    /// Certificates as Kubernetes objects.
    CertManager,
    /// The operator of Elasticsearch.
    Eck,
    /// A service mesh.
    Istio,
    /// A message broker.
    Rabbitmq,
}

impl Extra {
    /// All of them, by name.
    pub const ALL: [Self; 4] = [Self::CertManager, Self::Eck, Self::Istio, Self::Rabbitmq];

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CertManager => "cert-manager",
            Self::Eck => "eck",
            Self::Istio => "istio",
            Self::Rabbitmq => "rabbitmq",
        }
    }

    /// Its images.
    pub const fn images(self) -> &'static [Image] {
        match self {
            Self::CertManager => &[
                Image::CertManagerController,
                Image::CertManagerWebhook,
                Image::CertManagerCainjector,
            ],
            Self::Eck => &[Image::EckOperator],
            Self::Istio => &[Image::IstioPilot, Image::IstioProxy],
            Self::Rabbitmq => &[Image::Rabbitmq],
        }
    }

    /// Its Helm charts.
    pub const fn charts(self) -> &'static [Chart] {
        match self {
            Self::CertManager => &[Chart::CertManager],
            Self::Eck => &[Chart::EckOperator],
            Self::Istio => &[Chart::IstioBase, Chart::Istiod],
            Self::Rabbitmq => &[],
        }
    }

    /// The programs its images are made of.
    pub(crate) fn tools(self) -> Vec<Tool> {
        let images = self.images().iter();
        images
            .flat_map(|image| image.recipe().tools().collect::<Vec<_>>())
            .collect()
    }
}

impl fmt::Display for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Extra {
    type Err = UnknownExtra;

    fn from_str(text: &str) -> Result<Self, UnknownExtra> {
        Self::ALL
            .into_iter()
            .find(|extra| extra.name() == text)
            .ok_or_else(|| UnknownExtra(text.to_owned()))
    }
}

/// Something that cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is nothing that can be added; there are {known}", name = .0, known = Extra::ALL.map(Extra::name).join(", "))]
pub struct UnknownExtra(String);
