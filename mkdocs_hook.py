"""What MkDocs loads: beside `pages`, for MkDocs looks for imports only where its hook lies."""

from pages.hook import on_config, on_files, on_post_page, on_post_template

__all__ = ["on_config", "on_files", "on_post_page", "on_post_template"]
