"""Every AI feature by its slug: one file each, one line here."""

from ai_features.features import inventory_forecast, product_description
from ai_features.features.base import Feature

FEATURES: dict[str, Feature] = {
    feature.slug: feature
    for feature in (
        #
        product_description.FEATURE,
        inventory_forecast.FEATURE,
    )
}
