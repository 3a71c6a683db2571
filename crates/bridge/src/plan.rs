//! What a boot would do, as the window shows it: steps with their objects as YAML.

use api::hosts::Host;
use api::plans::{self, StepView};
use api::{Error, bundles::Bundle};
use serde::Serialize;
use ts_rs::TS;

/// A plan.
#[derive(Debug, Clone, Serialize, TS)]
pub(crate) struct PreviewPlan {
    /// The id that a preview would have.
    id: String,
    steps: Vec<PlannedStep>,
    /// Things the creator should know.
    notes: Vec<String>,
}

/// A step of a plan.
#[derive(Debug, Clone, Serialize, TS)]
struct PlannedStep {
    step: String,
    needs: Vec<String>,
    /// What it does, in words.
    does: Vec<String>,
    /// Its objects.
    yaml: String,
}

pub(crate) async fn plan(bundle: &Bundle, host: &Host) -> Result<PreviewPlan, Error> {
    let view = plans::plan(bundle, host).await?;
    let steps: Result<Vec<PlannedStep>, Error> = view.steps.iter().map(planned).collect();
    Ok(PreviewPlan {
        id: view.id,
        steps: steps?,
        notes: view.notes,
    })
}

fn planned(step: &StepView) -> Result<PlannedStep, Error> {
    Ok(PlannedStep {
        step: step.step.to_string(),
        needs: step.needs.iter().map(ToString::to_string).collect(),
        does: step.does.clone(),
        yaml: plans::objects_to_yaml(&step.objects)?,
    })
}
