"""Every AI feature by its slug: one file each, one line here."""

from ai_features.features import (
    collection_analysis,
    collection_message,
    credit_assessment,
    customer_insight,
    inventory_forecast,
    portfolio_dashboard,
    product_description,
    report_summary,
)
from ai_features.features.base import Feature

FEATURES: dict[str, Feature] = {
    feature.slug: feature
    for feature in (
        #
        product_description.FEATURE,
        report_summary.FEATURE,
        collection_message.FEATURE,
        credit_assessment.FEATURE,
        collection_analysis.FEATURE,
        portfolio_dashboard.FEATURE,
        inventory_forecast.FEATURE,
        customer_insight.FEATURE,
    )
}
